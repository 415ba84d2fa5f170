"""Documents on paper say each thing once."""

from web.wording.papers import Paper, paper


def test_the_head_is_not_repeated_and_who_signs_stands_apart() -> None:
    body = "星河市行政审批局\n受理通知书\n星审受〔2026〕2号\n\n王小明：\n予以受理。\n\n星河市行政审批局\n2026年11月23日"

    found = paper({"title": "受理通知书", "number": "星审受〔2026〕2号", "body": body})

    assert found == Paper(
        issuer="星河市行政审批局", body="王小明：\n予以受理。", sign="星河市行政审批局\n2026年11月23日"
    )


def test_a_certificate_has_no_issuer_above_its_title() -> None:
    found = paper(
        {"title": "施工许可证", "number": "星审证〔2026〕1号", "body": "施工许可证\n编号：1号\n\n某局\n2026年"}
    )

    assert found == Paper(issuer="", body="编号：1号", sign="某局\n2026年")


def test_a_text_of_any_other_shape_stays_whole() -> None:
    assert paper({"title": "答复", "number": "1号", "body": "正文一行"}).body == "正文一行"
    long = "第一段\n\n第二段一\n第二段二\n第二段三\n第二段四"
    assert paper({"title": "答复", "number": "1号", "body": long}) == Paper(issuer="", body=long, sign="")
