"""The processes that the benchmark runs."""

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
    'targetNamespace="urn:banjie:bench">'
)


def linear(key: str, steps: int) -> bytes:
    """A process of ``steps`` user tasks in a row, offered to the group "bench"."""
    parts = [_HEAD, f'<process id="{key}" name="{key}" isExecutable="true">', '<startEvent id="start"/>']
    before = "start"
    for i in range(1, steps + 1):
        parts.append(f'<userTask id="step_{i}" name="Step {i}" banjie:candidateGroups="bench"/>')
        parts.append(f'<sequenceFlow id="flow_{i}" sourceRef="{before}" targetRef="step_{i}"/>')
        before = f"step_{i}"
    parts.append(f'<endEvent id="end"/><sequenceFlow id="flow_end" sourceRef="{before}" targetRef="end"/>')
    parts.append("</process></definitions>")
    return "".join(parts).encode()


def waiting(key: str) -> bytes:
    """A process that waits an hour and ends."""
    return (
        f'{_HEAD}<process id="{key}" name="{key}" isExecutable="true"><startEvent id="start"/>'
        '<sequenceFlow id="f1" sourceRef="start" targetRef="wait"/>'
        '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><sequenceFlow id="f2" sourceRef="wait" targetRef="end"/>'
        '<endEvent id="end"/></process></definitions>'
    ).encode()
