"""A first draft of each of the three texts, for the administrators to read, change and publish.

Nothing is put in force here: what binds people is an office's decision.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CONDITIONS = """\
为做好党员义工报名工作，制定本条件。
一、报名对象
中共党员（含预备党员）符合下列条件的，可以报名：
1. 年满十八周岁，身体状况能够承担所报的服务；
2. 遵守法律法规，品行端正，在群众中有良好口碑；
3. 自愿、无偿参加服务，不以服务换取报酬或者其他利益；
4. 有一项以上能够服务村民的能力或者专长，从事医疗、法律等需要资质的服务的，持有有效资质；
5. 能够参加服务队的走访、值守和培训。
二、报名材料
报名时如实填写姓名、出生日期、联系电话、所在单位、党支部和专长。所填信息只用于义工管理和服务安排；是否公开姓名和电话由本人决定，可以随时更改。
三、审核
报名由乡镇（街道）审核，报市里确认后生效。不予通过的，告知理由；补充材料后可以再次报名。
四、暂停和退出
义工可以随时申请暂停或者退出，已有的服务记录予以保留，可以随时要求出具志愿服务记录证明。
"""

STANDARDS = """\
为落实“有求必应、有应必到、有到必解”，制定本标准。
一、有求必应
接到村民求助，及时回应，说明能否办理、由谁办理、何时到场。确实不能办理的，说明原因，报乡镇（街道）另行安排。
二、有应必到
按约定时间到场；不能按时到场的，提前告知村民并另约时间。
三、有到必解
能当场解决的当场解决；不能当场解决的，告知下一步和期限；需要转交有关单位的，告知村民去处。
四、服务过程
1. 佩戴义工证，主动说明身份；
2. 进入村民家中先征得同意，爱护财物，尊重隐私；
3. 代办的证件、钱款当面点清，办结后及时交还；
4. 需要资质的服务，由持有有效资质的义工承担；
5. 注意安全，遇有危险及时撤离并报告。
五、服务记录
每次服务后由队长及时填写服务日志，时间、对象、内容和参加人员如实填写，不虚报，不事后编造。
六、接受监督
村民可以扫描义工证上的二维码提出表扬、建议和投诉，乡镇（街道）在规定期限内答复。
"""

CONDUCT = """\
党员义工在服务中应当遵守下列守则：
一、自愿无偿。不收费用，不收礼品，不接受宴请，不推销商品和服务。
二、平等待人。不因村民的年龄、性别、贫富、亲疏区别对待，用语文明，耐心细致。
三、保守秘密。在服务中知悉的个人信息、家庭情况和健康状况，不向他人透露，不拍照外传。
四、量力而行。不承诺办不到的事，不做没有资质的事；力所不及的，可以说明理由并请求另派。
五、诚实记录。按实际时间和人员记录服务，不替人签到，不虚报时长和次数。
六、服从安排。参加服务队的走访、值守和培训，不能参加的，提前向队长说明。
七、保管证件。义工证只供本人服务时使用，不转借、不挪作他用，遗失及时挂失。
八、接受监督。对村民的批评和投诉，认真听取，及时改正；对答复有异议的，可以向乡镇（街道）或者市里反映。
违反本守则的，由乡镇（街道）提醒、批评；情节严重的，暂停服务或者取消义工资格。
"""

# kind, Chinese title, English title, text
TEXTS = [
    ("conditions", "党员义工报名条件", "Conditions for joining the volunteers", CONDITIONS),
    ("standards", "党员义工服务标准", "Service standards of the volunteers", STANDARDS),
    ("conduct", "党员义工工作守则", "Code of conduct of the volunteers", CONDUCT),
]


def add_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the draft of each kind of which there is nothing yet."""
    texts = apps.get_model("volunteers", "ProgrammeText").objects
    for kind, title, title_en, body in TEXTS:
        if not texts.filter(kind=kind).exists():
            texts.create(kind=kind, number=1, title=title, title_en=title_en, body=body.strip())


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0004_programme_texts")]

    # Backwards nothing is taken away: the tables go with the migration before.
    operations = [migrations.RunPython(add_texts, migrations.RunPython.noop)]
