"""The column names of every layout that the training case is written in, in order."""

from __future__ import annotations


def _columns(*lines: str) -> list[str]:
    return " ".join(lines).split()


_MONEY = "交易时间 交易金额 交易余额 收付标志 交易对手账卡号 现金标志 对手户名 对手身份证号"
_MIDDLE = "对手开户银行 摘要说明 交易币种 交易网点名称"
_SLIP = "IP地址 MAC地址 对手交易余额 交易流水号 日志号 凭证种类 凭证号 交易柜员号"

PLATFORM_B = _columns(
    "交易卡号 交易账号 交易方户名 交易方证件号码",
    _MONEY,
    _MIDDLE,
    "交易发生地 交易是否成功 传票号",
    _SLIP,
    "备注 查询反馈结果原因",
)
PLATFORM_D = _columns(
    "交易卡号 交易账号 账户开户名称 开户人证件号码",
    _MONEY,
    _MIDDLE,
    "交易网点代码 交易发生地 交易是否成功 传票号 终端号",
    _SLIP,
    "商户名称 商户号 备注 交易类型 查询反馈结果原因",
)
SHEET = _columns(
    "序号 查询账号 查询账号姓名 对方账号姓名 对方账号卡号 金额 余额 借贷标志 交易类型 交易结果",
    "交易时间 交易开户行 交易网点名称 交易流水号 凭证号 终端号 交易发生地 商户名称",
    "IP地址 MAC地址 交易摘要 传票号",
)
REGISTRATION = _columns(
    "账户开户名称 开户人证件号码 交易卡号 交易账号 账号开户时间 账户余额 可用余额 币种",
    "开户网点代码 开户网点 账户状态 钞汇标志名称 销户日期 账户类型 备注 账号开户银行",
    "销户网点 最后交易时间",
)
TENPAY_TRADES = _columns(
    "用户ID 交易单号 大单号 用户侧账号名称 借贷类型 交易业务类型 交易用途类型 交易时间",
    "交易金额(分) 账户余额(分) 用户银行卡号 用户侧网银联单号 网联/银联 第三方账户名称",
    "对手方ID 对手侧账户名称 对手方银行卡号 对手侧银行名称 对手侧网银联单号 网联/银联",
    "基金公司信息 间联/非间联交易 第三方账户名称 对手方接收时间 对手方接收金额(分) 备注1 备注2",
)
TENPAY_USERS = _columns(
    "账户状态 账号 注册姓名 注册时间 注册身份证号 绑定手机 绑定状态 开户行信息 银行账号"
)
ALIPAY_DETAILS = _columns(
    "交易号 商户订单号 交易创建时间 付款时间 最近修改时间 交易来源地 类型 用户信息",
    "交易对方信息 消费名称 金额（元） 收/支 交易状态 支付方式 清算流水号 备注 对应的协查数据",
)
ALIPAY_USERS = _columns(
    "用户ID 登录邮箱 登录手机 账户名称 证件类型 证件号 可用余额 绑定手机 绑定银行卡",
    "对应的协查数据",
)
REPORTS = _columns(
    "被害人 身份证号 联系电话 诈骗类型 转出账号 收款账号 收款户名 转账金额(元) 转账时间"
)
LAYOUTS = {"B": PLATFORM_B, "D": PLATFORM_D, "sheet": SHEET}
