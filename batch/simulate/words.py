"""What made-up people are called and write, in the three languages. All names, places and tasks are invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Pools to draw from. ``names``: the parts of a name in order; ``tasks``: (task, product, how many at most)."""

    names: Sequence[str]
    units: str  # the name of a department, with its number
    division: str
    titles: Mapping[str, str]  # role → position
    tasks: Sequence[tuple[str, str, int]]
    summaries: Sequence[str]
    conducts: Sequence[str]
    obstacles: Sequence[str]
    proposals: Sequence[str]
    comments: Mapping[str, Sequence[str]]  # tone of the band → what the supervisor writes
    reasons: Sequence[str]
    no_number: str  # typed where a number belongs


WORDS: Mapping[str, Words] = {
    "vi": Words(
        names=(
            "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
            "Văn Thị Đức Minh Thanh Ngọc Quang Hữu Thu Hải Xuân Kim Bảo Gia",
            "An Bình Cường Dũng Giang Hà Hạnh Hoa Hòa Hùng Hương Khánh Lan Linh Long Mai Nam Nga Ngân Phong "
            "Phúc Quân Sơn Tâm Thảo Thắng Thủy Trang Trung Tú Tuấn Tùng Uyên Vân Việt Vinh Yến Ánh Đạt Đông",
        ),
        units="Vụ {n}",
        division="Phòng {n}",
        titles={
            "commission_leader": "Phó Trưởng ban",
            "department_director": "Vụ trưởng",
            "deputy_department_director": "Phó Vụ trưởng",
            "division_head": "Trưởng phòng",
            "civil_servant": "Chuyên viên",
            "employee": "Nhân viên",
        },
        tasks=(
            ("Thẩm định đề án kiện toàn tổ chức của đơn vị trực thuộc", "Báo cáo thẩm định", 2),
            ("Tổng hợp tình hình công tác tuần của các đơn vị", "Báo cáo tổng hợp kèm phụ lục", 1),
            ("Soạn thảo hướng dẫn nghiệp vụ", "Dự thảo hướng dẫn", 1),
            ("Trả lời kiến nghị của cơ sở", "Công văn trả lời", 6),
            ("Rà soát, đối chiếu số liệu trong tháng", "Bảng đối chiếu số liệu", 3),
            ("Chuẩn bị tài liệu hội nghị giao ban", "Bộ tài liệu họp", 2),
            ("Tiếp nhận, phân loại hồ sơ", "Hồ sơ đã phân loại", 80),
            ("Tiếp nhận, đăng ký văn bản đến", "Văn bản đã vào sổ", 60),
            ("Theo dõi, đôn đốc thực hiện kết luận", "Bảng theo dõi nhiệm vụ", 1),
            ("Góp ý dự thảo quy chế làm việc", "Văn bản góp ý", 2),
            ("Lập hồ sơ thanh toán kinh phí", "Bộ chứng từ", 4),
            ("Nghiên cứu, đề xuất sửa đổi quy định", "Tờ trình và bản thuyết minh", 1),
        ),
        summaries=(
            "Cơ bản hoàn thành các nhiệm vụ được giao trong tuần; sản phẩm được đơn vị thông qua.",
            "Các sản phẩm đã trình đúng hạn; còn một nội dung phải chỉnh sửa theo góp ý.",
            "Hoàn thành nhiệm vụ theo kế hoạch, trong đó có một việc đột xuất được giao giữa tuần.",
        ),
        conducts=(
            "Chấp hành nghiêm giờ giấc làm việc, quy chế cơ quan; phối hợp tốt với đồng nghiệp.",
            "Có tinh thần trách nhiệm, sẵn sàng làm thêm giờ khi công việc yêu cầu.",
        ),
        obstacles=(
            "Một số địa phương gửi số liệu chậm, phải đôn đốc nhiều lần.",
            "Biểu mẫu báo cáo giữa các đơn vị chưa thống nhất, mất nhiều thời gian đối chiếu.",
            "Thời hạn một số việc đột xuất quá gấp.",
        ),
        proposals=(
            "Đề nghị ban hành thống nhất biểu mẫu số liệu để các đơn vị cùng sử dụng.",
            "Đề nghị bổ sung một chuyên viên trong thời gian cao điểm.",
        ),
        comments={
            "best": ("Chủ động, chất lượng sản phẩm tốt, hoàn thành vượt tiến độ.", "Phối hợp rất tốt, có đề xuất hay."),
            "good": ("Hoàn thành tốt nhiệm vụ, tiến độ bảo đảm.", "Làm việc có trách nhiệm, sản phẩm đạt yêu cầu."),
            "fair": ("Hoàn thành nhiệm vụ nhưng văn bản còn phải sửa nhiều lần.", "Tiến độ một số việc còn chậm."),
            "bad": ("Không hoàn thành nhiệm vụ được giao trong tuần.",),
        },
        reasons=("Chờ số liệu của cơ sở, xin lùi sang tuần sau.", "Phải làm lại do sai căn cứ."),
        no_number="tốt",
    ),
    "th": Words(
        names=(
            "นายสมชาย นายวิชัย นายประเสริฐ นายธนา นายณัฐพล นายกิตติ นางสาวมาลี นางสาวสุดา นางสาวกนกวรรณ "
            "นางสาวพิมพ์ชนก นางวันดี นางเพ็ญศรี นางอรทัย นางจันทร์เพ็ญ นายเอกชัย นายไพโรจน์",
            "ใจดี รักไทย ศรีสุข ทองคำ แสงทอง บุญมา วงศ์ใหญ่ พงษ์ดี เจริญสุข มีทรัพย์ สายทอง แก้วมณี "
            "อินทร์แก้ว จันทร์แดง ไชยวงศ์ โพธิ์ทอง เกตุแก้ว นาคสุข",
        ),
        units="กอง {n}",
        division="กลุ่มงาน {n}",
        titles={
            "commission_leader": "รองหัวหน้าส่วนราชการ",
            "department_director": "ผู้อำนวยการกอง",
            "deputy_department_director": "รองผู้อำนวยการกอง",
            "division_head": "หัวหน้ากลุ่มงาน",
            "civil_servant": "นักวิชาการ",
            "employee": "เจ้าหน้าที่",
        },
        tasks=(
            ("ตรวจสอบข้อเสนอปรับโครงสร้างของหน่วยงาน", "รายงานผลการตรวจสอบ", 2),
            ("สรุปผลการปฏิบัติงานรายสัปดาห์ของหน่วยงาน", "รายงานสรุปพร้อมภาคผนวก", 1),
            ("ยกร่างแนวทางการปฏิบัติงาน", "ร่างแนวทาง", 1),
            ("ตอบข้อหารือจากหน่วยงานในพื้นที่", "หนังสือตอบ", 6),
            ("ตรวจสอบความถูกต้องของข้อมูลประจำเดือน", "ตารางเปรียบเทียบข้อมูล", 3),
            ("จัดเตรียมเอกสารการประชุม", "ชุดเอกสารประชุม", 2),
            ("รับและจัดหมวดหมู่แฟ้มประวัติ", "แฟ้มที่จัดหมวดแล้ว", 80),
            ("ลงทะเบียนหนังสือรับ", "หนังสือที่ลงทะเบียนแล้ว", 60),
            ("ติดตามการดำเนินงานตามมติที่ประชุม", "ตารางติดตามงาน", 1),
            ("จัดทำเอกสารเบิกจ่าย", "ชุดเอกสารเบิกจ่าย", 4),
        ),
        summaries=(
            "ปฏิบัติงานที่ได้รับมอบหมายในสัปดาห์ครบถ้วน ผลงานผ่านการเห็นชอบของหน่วยงาน",
            "ส่งผลงานตามกำหนด มีหนึ่งรายการต้องปรับแก้ตามข้อเสนอแนะ",
            "ปฏิบัติงานตามแผน และมีงานเร่งด่วนหนึ่งงานระหว่างสัปดาห์",
        ),
        conducts=(
            "รักษาเวลาและระเบียบของหน่วยงาน ประสานงานกับเพื่อนร่วมงานได้ดี",
            "มีความรับผิดชอบ พร้อมปฏิบัติงานนอกเวลาเมื่อจำเป็น",
        ),
        obstacles=("บางพื้นที่ส่งข้อมูลล่าช้า ต้องติดตามหลายครั้ง", "แบบรายงานของแต่ละหน่วยงานยังไม่เป็นแบบเดียวกัน"),
        proposals=("ขอให้กำหนดแบบรายงานข้อมูลเป็นแบบเดียวกัน", "ขอเพิ่มเจ้าหน้าที่หนึ่งคนในช่วงงานมาก"),
        comments={
            "best": ("ริเริ่มเอง ผลงานมีคุณภาพดี เสร็จก่อนกำหนด", "ประสานงานดีมาก มีข้อเสนอที่เป็นประโยชน์"),
            "good": ("ปฏิบัติงานได้ดี ตรงตามกำหนด", "มีความรับผิดชอบ ผลงานเป็นไปตามที่กำหนด"),
            "fair": ("งานสำเร็จ แต่เอกสารต้องแก้ไขหลายครั้ง", "งานบางส่วนยังล่าช้า"),
            "bad": ("ปฏิบัติงานที่ได้รับมอบหมายในสัปดาห์ไม่สำเร็จ",),
        },
        reasons=("รอข้อมูลจากพื้นที่ ขอเลื่อนไปสัปดาห์หน้า", "ต้องทำใหม่เนื่องจากอ้างอิงระเบียบไม่ถูกต้อง"),
        no_number="ดี",
    ),
    "en": Words(
        names=(
            "Ada Ben Cora Dan Ella Finn Gwen Hugo Iris Jonas Kira Leo Mona Nils Olga Paul Rosa Sam Tess Una",
            "Abel Brandt Cole Dahl Ebers Falk Grant Holm Ives Jansen Kerr Lund Marsh Noble Orr Pike Reed Stone",
        ),
        units="Department {n}",
        division="Division {n}",
        titles={
            "commission_leader": "Deputy chair",
            "department_director": "Director",
            "deputy_department_director": "Deputy director",
            "division_head": "Head of division",
            "civil_servant": "Specialist",
            "employee": "Clerk",
        },
        tasks=(
            ("Examine a reorganisation plan", "Examination report", 2),
            ("Sum up the week's work of the units", "Summary report with annex", 1),
            ("Draft working guidance", "Draft guidance", 1),
            ("Answer questions from local offices", "Letters", 6),
            ("Check the month's figures", "Comparison table", 3),
            ("Prepare meeting papers", "Set of papers", 2),
            ("Receive and sort personal files", "Files sorted", 80),
            ("Register incoming documents", "Documents registered", 60),
            ("Follow up decisions", "Tracking table", 1),
            ("Prepare payment records", "Set of vouchers", 4),
        ),
        summaries=(
            "Work assigned for the week was finished; the products were accepted by the unit.",
            "Products were handed in on time; one part has to be revised.",
            "Work went to plan, with one urgent task in the middle of the week.",
        ),
        conducts=("Kept working hours and rules; worked well with colleagues.", "Responsible, ready to stay when needed."),
        obstacles=("Some local offices send figures late.", "Report forms differ from unit to unit."),
        proposals=("Use one form for figures everywhere.", "One more specialist in the busy season."),
        comments={
            "best": ("Takes the initiative; good products, ahead of time.", "Works very well with others."),
            "good": ("Good work, on time.", "Responsible; products as required."),
            "fair": ("Work done, but papers needed several corrections.", "Some tasks are late."),
            "bad": ("Did not finish the work of the week.",),
        },
        reasons=("Waiting for figures; moved to next week.", "Had to be done again."),
        no_number="good",
    ),
}
