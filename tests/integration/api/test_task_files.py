"""Signatures over HTTP: signed first, completed then."""

import io

from PIL import Image

from tests.integration.api.site import Site
from tests.integration.engine.house import bpmn, flows


def test_a_step_that_asks_for_a_signature_is_completed_only_by_whoever_signed(site: Site) -> None:
    li = site.person("li")
    site.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="t" banjie:assignee="li" banjie:signature="required"/><endEvent id="e"/>'
            + flows("s-t", "t-e"),
            key="p",
        )
    )
    task = site.house.task(site.house.start("p"))["id"]
    picture = io.BytesIO()
    Image.new("RGBA", (60, 20)).save(picture, "PNG")

    bare = li.post(f"/tasks/{task}/complete", {})
    text = li.upload(f"/tasks/{task}/files", {"a.png": b"no picture"}, field="file", fields={"kind": "signature"})
    signed = li.upload(
        f"/tasks/{task}/files", {"a.png": picture.getvalue()}, field="file", fields={"kind": "signature"}
    )
    done = li.post(f"/tasks/{task}/complete", {})

    assert (bare.status_code, text.status_code) == (422, 422)
    assert bare.json["fields"] == {"signature": "请签名"}
    assert (signed.status_code, done.status_code) == (201, 200)


def test_nothing_is_kept_of_what_comes_to_a_task_of_others_or_to_none(site: Site) -> None:
    site.person("li")
    stranger = site.person("zhao")
    task_of_li = '<startEvent id="s"/><userTask id="t" banjie:assignee="li"/><endEvent id="e"/>' + flows("s-t", "t-e")
    site.house.deploy(bpmn(task_of_li, key="p"))
    task = site.house.task(site.house.start("p"))["id"]

    for wanted in (task, "no-such-task"):
        answer = stranger.upload(f"/tasks/{wanted}/files", {"a.txt": "备注".encode()}, field="file")
        assert answer.status_code == 404
    assert [path for path in site.uploads.rglob("*") if path.is_file()] == []
