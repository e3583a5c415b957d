"""What the command line says to a person, in both languages."""

import os
from collections.abc import Mapping

WORDS = {
    "serving": ("serving {stations} at {url}", "正在服务 {stations}：{url}"),
    "no-page": ("serving {stations} without a page", "正在服务 {stations}（无页面）"),
    "saved": ("saved: {id}", "已保存：{id}"),
    "saved-later": (
        "saved: {id}; it will be sent when the agent runs",
        "已保存：{id}；代理运行后将发送",
    ),
    "recorded": ("recorded by the server: {id}", "服务器已记录：{id}"),
    "refused": ("the server refused it: {reason}, {detail}", "服务器拒收：{reason}，{detail}"),
    "not-yet": (
        "saved, but not recorded within {seconds} s: {id}; NOT HEARD — call out, stop by hand",
        "已保存，但 {seconds} 秒内未被记录：{id}；未送达，请口头呼叫、手动停线",
    ),
    "not-running": ("the agent is not running", "代理未运行"),
    "station": (
        "{station}: {heard}, {waiting} waiting, {parked} refused",
        "{station}：{heard}，待发 {waiting}，被拒 {parked}",
    ),
    "heard": ("heard", "已连通"),
    "not-heard": ("NOT HEARD ({problem})", "未送达（{problem}）"),
    "code": (
        "scan this with the tablet within ten minutes, or type there at {url}: {code}",
        "请在十分钟内用平板扫描，或在平板上打开 {url} 并输入配对码：{code}",
    ),
    "certificate": (
        "the certificate {file} ends on {day}: on the server threenos ca renew, then copy its folder here",
        "证书 {file} 的到期日为 {day}：请在服务器上运行 threenos ca renew，再将其文件夹复制到此处",
    ),
    "unpaired": ("{count} tablets unpaired", "已取消 {count} 台平板的配对"),
    "exported": ("{count} hashes written to {file}", "已将 {count} 个哈希写入 {file}"),
    "parked": (
        "{station}: {kind} of {at} refused: {reason}, {detail} ({id})",
        "{station}：{at} 的 {kind} 被拒：{reason}，{detail}（{id}）",
    ),
    "retried": ("{count} events wait again", "{count} 条事件重新等待发送"),
    "discarded": ("{count} events discarded", "已放弃 {count} 条事件"),
}


def say(name: str, environ: Mapping[str, str] = os.environ, **values: object) -> str:
    """The words in the language of the environment: Chinese when LC_ALL, LC_MESSAGES or LANG says so, else English."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return WORDS[name][1 if locale.startswith("zh") else 0].format(**values)
