"""The command line: demo, new, load, report, checks, follow, export, format, in plain sentences."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import pandas as pd
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tracer import simulate
from tracer.case import Case
from tracer.errors import CaseError, TracerError
from tracer.money import yuan
from tracer.statements.explain import draft, explain
from tracer.tracing.trace import Trace

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="追踪被骗资金 · Follow stolen money"
)
forms = typer.Typer(no_args_is_help=True, help="流水版式 · Formats of statements")
app.add_typer(forms, name="format")
console = Console()

Lang = Annotated[str, typer.Option("--lang", help="zh 或 en · zh or en")]
_RULES = "fifo、lifo、pro_rata、tainted_first、clean_first"
Rule = Annotated[str, typer.Option("--rule", help=f"追踪规则 · tracing rule: {_RULES}")]
Within = Annotated[str, typer.Option("--within", help="最长停留，如 72h · longest stay, e.g. 72h")]
Passwords = Annotated[
    list[str] | None,
    typer.Option("--password", help="文件的密码，可多次给出 · a file's password, repeatable"),
]
OwnCase = Annotated[
    Path | None, typer.Option("--case", help="案件文件夹 · a case with formats of its own")
]
StatementFile = Annotated[Path, typer.Argument(help="流水文件 · a statement file")]
CaseFolder = Annotated[Path, typer.Argument(help="案件文件夹 · the case's folder")]

WORDS = {
    "zh": {
        "made": "已新建案件“{name}”：{folder}",
        "ledger": "账本：{accounts} 个账户，{transfers} 笔转账"
        "（{mirrored} 笔双方流水互证，{bridged} 笔跨平台衔接；"
        "另有失败 {failed} 笔、冲正 {reversed} 笔）。",
        "matched": "被害人报案 {reports} 笔，已对上 {matched} 笔。",
        "unmatched": "  未对上：{victim} 报 {fen} 元（{source} 第 {row} 行）：{reason}"
        "相近的转账：{candidates}。指定用 case.choose({report_id}, 转账号)。",
        "none": "无",
        "trace": "追踪结果（规则 {rule}，单位：元）",
        "victim": "被害人",
        "lost": "被骗",
        "held": "仍在账户",
        "exit": "已到出口",
        "returned": "已返还",
        "settled": "超期结清",
        "total": "合计",
        "freeze": "可请求止付冻结的账户 {accounts} 个，涉案留存 {fen} 元；"
        "其中 {frontier} 个账户后续流水未调取。",
        "wrote": "文件已生成：",
        "truth": "与已知真相核对：真实转账 {true} 笔，账本 {found} 笔，"
        "缺 {missing} 笔，多 {extra} 笔。",
        "next": "下一步：打开资金流向图，按止付冻结清单逐行发起止付。",
        "check": "下一步：tracer checks {folder} 核对账本，再 tracer follow {folder} 追踪。",
        "fill": "下一步：tracer load {folder} 流水文件夹 被害人报案表",
        "there": "{file} 已经存在，没有覆盖。请用 --out 另选文件名。",
        "error": "未完成：",
        "file": "未完成：文件 {file} 无法读写（{why}）。若它在 Excel 等程序中打开，请关闭后重试。",
    },
    "en": {
        "made": "Made the case {name!r}: {folder}",
        "ledger": "Ledger: {accounts} accounts, {transfers} transfers ({mirrored} told by both "
        "sides, {bridged} joined across platforms; {failed} failed and {reversed} reversed "
        "besides).",
        "matched": "{reports} payments reported by victims, {matched} matched.",
        "unmatched": "  Not matched: {victim} reported {fen} yuan ({source} row {row}): {reason} "
        "Transfers that come near: {candidates}. Decide with case.choose({report_id}, TRANSFER).",
        "none": "none",
        "trace": "Trace (rule {rule}, in yuan)",
        "victim": "Victim",
        "lost": "Lost",
        "held": "Still held",
        "exit": "At exits",
        "returned": "Returned",
        "settled": "Settled",
        "total": "Total",
        "freeze": "{accounts} accounts to ask a freeze for, holding {fen} yuan of victims' money; "
        "{frontier} of them have no later statement in hand.",
        "wrote": "Files written:",
        "truth": "Checked against the known truth: {true} true transfers, {found} in the "
        "ledger, {missing} missing, {extra} extra.",
        "next": "Next: open the graph, then send a stop-payment for each row of the freeze list.",
        "check": "Next: check the ledger with tracer checks {folder}, then tracer follow {folder}.",
        "fill": "Next: tracer load {folder} STATEMENTS VICTIMS",
        "there": "{file} is there already and was not overwritten. Give another --out.",
        "error": "Not done: ",
        "file": "Not done: {file} cannot be read or written ({why}). If it is open in another "
        "program, close it there and try again.",
    },
}

DEMO = ("第一案（练习）", "First case (training)")
# What the demo itself does; anything else in the log is somebody's work.
UNTOUCHED = {"create", "load", "victims", "export"}
SUMS = ("lost", "held", "exit", "returned", "settled")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 · where to write")] = Path("demo"),
    lang: Lang = "zh",
) -> None:
    """用随附的练习案走完全程 · Run the whole line on the case that ships with Tracer."""
    words = _words(lang)
    with _sentences(words):
        folder, sample = out / "case", out / "sample_data"
        _clear(folder, sample)
        written = simulate.write(sample)
        case = Case.create(folder, name=DEMO[lang != "zh"])
        console.print(words["made"].format(name=case.name, folder=folder))
        _load(case, written.statements, words)
        case.add_victims(written.victims)
        _reports(case, words)
        _truth(case, sample, words)
        trace = case.follow()
        _trace(trace, words)
        _export(case, trace, None, words, lang)
        console.print(words["next"])


@app.command()
def new(
    folder: CaseFolder,
    name: Annotated[str, typer.Option("--name", help="案件名称 · the case's name")] = "",
    lang: Lang = "zh",
) -> None:
    """新建案件 · Make a new case."""
    words = _words(lang)
    with _sentences(words):
        case = Case.create(folder, name=name)
        console.print(words["made"].format(name=case.name, folder=folder))
        _say(words["fill"].format(folder=folder))


@app.command()
def load(
    folder: CaseFolder,
    paths: Annotated[list[Path], typer.Argument(help="流水或报案文件、文件夹 · files or folders")],
    password: Passwords = None,
    lang: Lang = "zh",
) -> None:
    """载入流水和被害人报案 · Load statements and victims' reports."""
    words = _words(lang)
    with _sentences(words):
        case = Case.open(folder)
        for path in paths:
            _load(case, path, words, password or ())
        _reports(case, words)
        _say(words["check"].format(folder=folder))


@app.command()
def report(
    folder: CaseFolder,
    load_id: Annotated[
        int | None, typer.Option("--load", help="第几次载入 · which load, the last by default")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写成网页 · write a page")] = None,
    lang: Lang = "zh",
) -> None:
    """再看一次载入报告 · Show the report of a load again."""
    words = _words(lang)
    with _sentences(words):
        case = Case.open(folder)
        told = case.report(load_id)
        _say(told.text(lang))
        _ledger(case, words)
        _reports(case, words)
        if out is not None:
            _say(f"{words['wrote']} {told.to_html(out, lang=lang)}")


@app.command()
def checks(folder: CaseFolder, lang: Lang = "zh") -> None:
    """核对余额、缺失时段和单边记录 · Check balances, missing periods and records one side lacks."""
    words = _words(lang)
    with _sentences(words):
        case = Case.open(folder)
        _say(case.checks().text(lang))
        _say(case.doubts(lang))


@app.command()
def follow(folder: CaseFolder, rule: Rule = "fifo", within: Within = "", lang: Lang = "zh") -> None:
    """追踪每名被害人的资金 · Follow every victim's money."""
    words = _words(lang)
    with _sentences(words):
        _trace(Case.open(folder).follow(rule, within=within or None), words)


@app.command()
def export(
    folder: CaseFolder,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件夹 · where to write")] = None,
    rule: Rule = "fifo",
    within: Within = "",
    lang: Lang = "zh",
) -> None:
    """导出资金流向图和止付冻结清单 · Write the graph and the freeze lists."""
    words = _words(lang)
    with _sentences(words):
        case = Case.open(folder)
        _export(case, case.follow(rule, within=within or None), out, words, lang)


@forms.command("check")
def check_format(
    file: StatementFile, case: OwnCase = None, password: Passwords = None, lang: Lang = "zh"
) -> None:
    """说明一个文件怎样读取、为什么 · Tell how a file is read and why."""
    words = _words(lang)
    with _sentences(words):
        place, own = _original(file, case)
        told = explain(
            place,
            source=str(file),
            formats_in=own,
            passwords=password or (),
            case=str(case or ""),
            lang=lang,
        )
        _say(told)


@forms.command("new")
def new_format(
    file: StatementFile,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪里 · where to write")] = None,
    case: OwnCase = None,
    password: Passwords = None,
    lang: Lang = "zh",
) -> None:
    """为一个文件起草版式声明 · Write a declaration for a file to start from."""
    words = _words(lang)
    with _sentences(words):
        place, own = _original(file, case)
        text = draft(place, source=str(file), formats_in=own, passwords=password or ())
        if out is None:
            _say(text.rstrip())
            return
        try:
            with out.open("x", encoding="utf-8", newline="\n") as target:
                target.write(text)
        except FileExistsError:
            _refuse(words["there"].format(file=out))
        _say(f"{words['wrote']} {out}")


def _original(file: Path, case: Path | None) -> tuple[Path, Path | None]:
    """Return where a file's bytes are, and the folder of the declarations that apply."""
    if case is None:
        return file, None
    opened = Case.open(case)
    return opened.original(file), opened.folder / "formats"


def _words(lang: str) -> dict[str, str]:
    if lang not in WORDS:
        msg = f"--lang {lang!r}: zh | en"
        raise typer.BadParameter(msg)
    # A Chinese Windows console may lack a character; it must not stop the work.
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., Any] | None = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    return WORDS[lang]


@contextmanager
def _sentences(words: dict[str, str]) -> Iterator[None]:
    """Tell what went wrong in one sentence instead of a traceback."""
    try:
        yield
    except TracerError as error:
        told = error.zh if words is WORDS["zh"] else error.message
        _refuse(f"{words['error']}{told}")
    except OSError as error:
        # Most often a workbook that is open in another program, or a folder without rights.
        _refuse(words["file"].format(file=error.filename, why=error.strerror))


def _refuse(told: str) -> NoReturn:
    Console(stderr=True).print(told, style="red", markup=False)
    raise typer.Exit(code=1) from None


def _load(case: Case, path: Path, words: dict[str, str], passwords: Sequence[str] = ()) -> None:
    told = case.load(path, passwords=passwords).text("zh" if words is WORDS["zh"] else "en")
    _say(told)
    _ledger(case, words)


def _ledger(case: Case, words: dict[str, str]) -> None:
    transfers = case.transfers()
    counts = {
        "accounts": len(case.accounts()),
        "transfers": int(transfers["status"].eq("ok").sum()),
        **{join: int(transfers["join"].eq(join).sum()) for join in ("mirrored", "bridged")},
        **{state: int(transfers["status"].eq(state).sum()) for state in ("failed", "reversed")},
    }
    told = words["ledger"].format(**{name: f"{n:,}" for name, n in counts.items()})
    console.print(told, soft_wrap=True)


def _reports(case: Case, words: dict[str, str]) -> None:
    victims = case.victims()
    if victims.empty:
        return
    open_ones = victims[victims["transfer_id"].isna()]
    counts = {"reports": len(victims), "matched": len(victims) - len(open_ones)}
    console.print(words["matched"].format(**counts))
    reason = "reason" if words is WORDS["zh"] else "reason_en"
    for line in open_ones.to_dict("records"):
        told = {str(name): value for name, value in line.items()}
        told |= {"fen": yuan(line["fen"]), "reason": line[reason]}
        told["candidates"] = line["candidates"] or words["none"]
        console.print(
            words["unmatched"].format(**told), markup=False, highlight=False, soft_wrap=True
        )


def _truth(case: Case, sample: Path, words: dict[str, str]) -> None:
    found = simulate.check(case.transfers(), sample)["found"]
    missing, extra = int(found.eq("truth").sum()), int(found.eq("ledger").sum())
    counts = {"true": len(found) - extra, "found": len(found) - missing}
    console.print(words["truth"].format(missing=missing, extra=extra, **counts))


def _trace(trace: Trace, words: dict[str, str]) -> None:
    victims = trace.victims()
    names = [name for name in SUMS if name == "lost" or victims[f"{name}_fen"].any()]
    total = victims[[f"{name}_fen" for name in names]].sum().to_frame().T
    table = Table(title=words["trace"].format(rule=trace.rule), title_justify="left", box=SIMPLE)
    table.add_column(words["victim"], overflow="fold")
    for name in names:
        # An amount that is cut short would be a wrong amount.
        table.add_column(words[name], justify="right", no_wrap=True, overflow="fold")
    for line in pd.concat([victims, total.assign(victim=words["total"])]).to_dict("records"):
        amounts = (yuan(int(line[f"{name}_fen"])) for name in names)
        table.add_row(_plain(line["victim"]), *amounts)
    console.print(table)


def _export(case: Case, trace: Trace, out: Path | None, words: dict[str, str], lang: str) -> None:
    asked = case.requests(trace).table
    frontier = int(
        trace.accounts.loc[trace.accounts["frontier"], "account"].isin(asked["account"]).sum()
    )
    total = yuan(int(asked["held_fen"].sum()))
    told = {"accounts": len(asked), "fen": total, "frontier": frontier}
    console.print(words["freeze"].format(**told), soft_wrap=True)
    written = case.export(trace, out, lang=lang)
    console.print(words["wrote"])
    for path in written:
        console.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)


def _say(told: str) -> None:
    console.print(told, markup=False, highlight=False, soft_wrap=True)


def _plain(value: object) -> str:
    """Keep what evidence says from being read as console markup."""
    return str(value).replace("[", "\\[")


def _clear(folder: Path, sample: Path) -> None:
    """Remove what an earlier demo left; a case that anybody worked on is never touched."""
    if (folder / "case.duckdb").exists():
        case = Case.open(folder)
        if case.name not in DEMO or not set(case.log()["action"]) <= UNTOUCHED:
            msg = f"{str(folder)!r} holds a case that is in use. Give the demo another --out."
            raise CaseError(msg, zh=f"{str(folder)!r} 中已有在办案件，请为演示另选 --out 文件夹。")
        _remove(folder)
    if (sample / "truth" / "transfers.csv").exists():
        _remove(sample)


def _remove(folder: Path) -> None:
    # Windows refuses to remove read-only files, which evidence is.
    for path in folder.rglob("*"):
        path.chmod(stat.S_IREAD | stat.S_IWRITE | (stat.S_IEXEC if path.is_dir() else 0))
    shutil.rmtree(folder)
