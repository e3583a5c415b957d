"""The example factory with the longest names that a plant would give: German compounds, and full Chinese titles."""

import json
from collections.abc import Sequence
from typing import Any

from threenos_server.chain import example, write

NAMES: dict[str, Sequence[tuple[str, str]]] = {
    "lines": (
        ("Gehäusebearbeitungslinie Halle 3", "三号厂房铝合金壳体自动化加工生产线"),
        ("Elektromotorenfertigungslinie", "永磁同步电机定转子联合装配生产线"),
        ("Kreiselpumpenendmontagelinie", "不锈钢离心水泵总装与出厂试验生产线"),
    ),
    "processes": (
        ("Aluminiumdruckgießerei", "铝合金高压真空压铸成型工序"),
        ("Entgratungsvorbereitung", "铸件切边打磨与去毛刺工序"),
        ("Gehäusedeckelpräzisionsbearbeitung", "壳体密封面五轴精密加工工序"),
        ("Hochdruckreinigungsanlage", "高压喷淋清洗与真空烘干工序"),
        ("Dichtheitsprüfungsabteilung", "氦质谱气密性全数检测工序"),
        ("Elektroblechstanzerei", "高速冲床硅钢片冲压叠铆工序"),
        ("Statorwicklungsfertigung", "定子自动绕线与引线焊接工序"),
    ),
    "stations": (
        ("Gehäuseprüfarbeitsplatz 1", "壳体气密性检测一号工作台"),
        ("Präzisionsbearbeitungszentrum 12", "五轴联动加工中心十二号机"),
        ("Wickelmaschinenarbeitsplatz 3", "全自动定子绕线机三号工位"),
    ),
    "defects": (
        ("Dichtflächenoberflächenbeschädigung", "密封面存在贯穿性划伤或压痕"),
        ("Gewindebohrungsdurchmesserabweichung", "螺纹底孔直径超出公差范围"),
        ("Wärmebehandlungsrückstände", "热处理后残留氧化皮未清除干净"),
        ("Kugellagerlaufgeräuschentwicklung", "轴承运转异响超过规定限值"),
        ("Isolationswiderstandsunterschreitung", "绕组绝缘电阻低于标准要求"),
        ("Verpackungskennzeichnungsfehler", "包装标签信息与实物不一致"),
    ),
}


def factory() -> str:
    """Its document. JSON is YAML too."""
    plain = write.document(example.chain())
    for kind, names in NAMES.items():
        entries: list[dict[str, Any]] = plain[kind]
        for i, entry in enumerate(entries):
            en, zh = names[i % len(names)]
            entry["name"] = {"en": en, "zh": zh}
    return json.dumps(plain, ensure_ascii=False)
