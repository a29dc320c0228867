"""What people of the sample office write: pools of phrases in ordinary Vietnamese office language.

Kept apart from the scenario so that the special cases there stay easy to read. `{noi}` is filled with an
invented place.
"""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """One kind of task: what is done, what comes out of it, how many at most, how complex."""

    task: str
    product: str
    most: int
    complexity: str


PLACES = (
    "Tỉnh ủy Sơn Hà",
    "Tỉnh ủy Bình Lâm",
    "Thành ủy Hải Vân",
    "Tỉnh ủy Lộc Giang",
    "Đảng ủy Khối Mẫu",
    "Tỉnh ủy An Thành",
    "Tỉnh ủy Phú Khê",
)  # all invented

JOBS: dict[str, tuple[Job, ...]] = {
    "VU1": (
        Job("Thẩm định đề án kiện toàn tổ chức cơ sở đảng của {noi}", "Báo cáo thẩm định", 1, "1.5"),
        Job(
            "Tổng hợp tình hình sinh hoạt chi bộ của các đảng bộ trực thuộc",
            "Báo cáo tổng hợp kèm phụ lục",
            1,
            "1.2",
        ),
        Job("Soạn thảo hướng dẫn xây dựng chi bộ “bốn tốt”", "Dự thảo hướng dẫn", 1, "2"),
        Job("Trả lời kiến nghị của {noi} về chuyển sinh hoạt đảng", "Công văn trả lời", 3, "1"),
        Job("Rà soát số liệu đảng viên tăng, giảm trong tháng", "Bảng đối chiếu số liệu", 2, "1"),
        Job("Khảo sát công tác phát triển đảng viên tại {noi}", "Báo cáo khảo sát", 1, "1.5"),
        Job("Chuẩn bị hội nghị giao ban công tác cơ sở đảng", "Kịch bản và báo cáo trung tâm", 2, "1.2"),
        Job("Góp ý dự thảo quy chế làm việc của {noi}", "Văn bản góp ý", 1, "1"),
        Job("Theo dõi đại hội chi bộ, đảng bộ cơ sở tại {noi}", "Bản tin nhanh, biểu theo dõi", 4, "1.2"),
        Job("Kiểm tra hồ sơ đề nghị tặng Huy hiệu Đảng", "Hồ sơ đã thẩm định", 18, "1"),
        Job("Xây dựng bộ câu hỏi giải đáp nghiệp vụ công tác đảng viên", "Tài liệu hỏi – đáp", 1, "1.5"),
    ),
    "VU2": (
        Job("Nghiên cứu, đề xuất sửa đổi quy định về thi hành Điều lệ", "Tờ trình và bản thuyết minh", 1, "2"),
        Job("Thẩm định chức năng, nhiệm vụ của cơ quan tham mưu {noi}", "Báo cáo thẩm định", 1, "1.5"),
        Job("Rà soát đầu mối bên trong các đơn vị sự nghiệp", "Biểu rà soát", 3, "1.2"),
        Job("Soạn thảo công văn hướng dẫn sắp xếp tổ chức bộ máy", "Dự thảo công văn", 2, "1.5"),
        Job("Tổng hợp biên chế được giao và có mặt đến hết tháng", "Bảng tổng hợp biên chế", 1, "1.2"),
        Job("Trả lời đề nghị của {noi} về số lượng cấp ủy viên", "Công văn trả lời", 2, "1"),
        Job("Chuẩn bị tài liệu họp tổ biên tập sửa đổi quy chế", "Bộ tài liệu họp", 1, "1.2"),
        Job("Phân tích báo cáo mô hình tổ chức mới của {noi}", "Báo cáo chuyên đề", 1, "2"),
        Job("Lập danh mục văn bản hết hiệu lực thuộc lĩnh vực tổ chức", "Danh mục văn bản", 1, "1"),
        Job("Tham gia đoàn công tác nắm tình hình tại {noi}", "Báo cáo kết quả chuyến công tác", 1, "1.5"),
    ),
    "VU3": (
        Job(
            "Giải quyết chế độ nghỉ hưu đối với cán bộ diện quản lý",
            "Tờ trình và dự thảo quyết định",
            4,
            "1.2",
        ),
        Job("Thẩm định hồ sơ đề nghị nâng ngạch, nâng lương của {noi}", "Hồ sơ đã thẩm định", 12, "1"),
        Job("Tổng hợp vướng mắc về chính sách sau sắp xếp bộ máy", "Báo cáo tổng hợp", 1, "1.5"),
        Job("Dự thảo hướng dẫn chế độ trợ cấp một lần", "Dự thảo hướng dẫn", 1, "2"),
        Job("Trả lời đơn thư về chế độ, chính sách cán bộ", "Công văn trả lời", 5, "1"),
        Job("Chuẩn bị thăm hỏi, phúc lợi đối với cán bộ lão thành", "Danh sách và kế hoạch", 2, "1"),
        Job("Rà soát phụ cấp chức vụ của cán bộ chuyên trách {noi}", "Bảng rà soát phụ cấp", 1, "1.2"),
        Job("Xây dựng biểu so sánh chính sách tiền lương các thời kỳ", "Biểu so sánh, thuyết minh", 1, "1.5"),
        Job("Phối hợp quyết toán kinh phí chăm sóc sức khỏe cán bộ", "Biên bản đối chiếu", 1, "1.2"),
    ),
    "CUC": (
        Job("Tiếp nhận, phân loại hồ sơ đảng viên của {noi}", "Hồ sơ đã phân loại", 85, "1"),
        Job("Số hóa hồ sơ gốc, kiểm tra ảnh quét", "Hồ sơ số hóa đạt yêu cầu", 120, "1"),
        Job("Đối chiếu số định danh trong cơ sở dữ liệu đảng viên", "Bản ghi đã đối chiếu", 240, "1.2"),
        Job("Xác nhận lý lịch theo đề nghị của {noi}", "Phiếu xác nhận", 9, "1.2"),
        Job("Hướng dẫn nghiệp vụ quản lý hồ sơ cho {noi}", "Biên bản hướng dẫn trực tuyến", 1, "1.2"),
        Job("Lập kế hoạch chỉnh lý kho lưu trữ đợt 2", "Kế hoạch chi tiết", 1, "1.5"),
        Job("Khắc phục lỗi trùng mã trong phân hệ quản lý hồ sơ", "Biên bản xử lý lỗi", 2, "1.5"),
        Job("Biên soạn quy trình mượn, trả hồ sơ", "Dự thảo quy trình", 1, "1.5"),
        Job("Thống kê hồ sơ thiếu thành phần theo từng đơn vị", "Bảng thống kê", 3, "1"),
    ),
    "CUC-VP": (
        Job("Tham mưu chương trình công tác tháng của Cục", "Dự thảo chương trình", 1, "1.2"),
        Job("Theo dõi, đôn đốc thực hiện kết luận giao ban Cục", "Bảng theo dõi nhiệm vụ", 1, "1"),
        Job("Lập dự toán mua sắm thiết bị quét tài liệu", "Hồ sơ dự toán", 1, "1.5"),
        Job("Chuẩn bị hậu cần tập huấn nghiệp vụ hồ sơ", "Phương án tổ chức lớp", 1, "1.2"),
        Job("Tiếp nhận, vào sổ và chuyển văn bản của Cục", "Văn bản đã xử lý", 64, "1"),
        Job("Kiểm kê tài sản, công cụ dụng cụ sáu tháng đầu năm", "Biên bản kiểm kê", 1, "1"),
        Job("Tổng hợp chấm công, làm thêm giờ trong tháng", "Bảng chấm công", 1, "1"),
        Job("Soạn báo cáo tuần của Cục gửi Văn phòng Ban", "Báo cáo tuần", 1, "1.2"),
    ),
    "VP": (
        Job("Tổng hợp báo cáo công tác tuần của các vụ, cục", "Báo cáo tổng hợp", 1, "1.5"),
        Job("Chuẩn bị lịch công tác tuần của lãnh đạo Ban", "Lịch công tác", 1, "1.2"),
        Job("Thẩm tra thể thức văn bản trình lãnh đạo Ban ký", "Văn bản đã thẩm tra", 26, "1"),
        Job("Ghi biên bản, dự thảo thông báo kết luận họp giao ban", "Thông báo kết luận", 2, "1.2"),
        Job("Lập hồ sơ thanh toán kinh phí hội nghị", "Bộ chứng từ", 4, "1"),
        Job("Phục vụ đoàn công tác của lãnh đạo Ban tại {noi}", "Chương trình, hậu cần đoàn", 1, "1.2"),
        Job("Rà soát nhiệm vụ quá hạn trên hệ thống điều hành", "Danh sách nhiệm vụ quá hạn", 1, "1"),
        Job("Xây dựng phương án bố trí phòng làm việc", "Phương án trình duyệt", 1, "1.5"),
        Job("Bảo trì mạng nội bộ, sao lưu dữ liệu định kỳ", "Biên bản sao lưu", 2, "1.2"),
        Job("Kiểm tra công tác bảo mật văn bản điện tử", "Biên bản kiểm tra", 1, "1.5"),
    ),
    "lead": (
        Job("Chủ trì họp đơn vị, giao nhiệm vụ tuần", "Thông báo phân công", 1, "1.2"),
        Job("Duyệt các dự thảo trình lãnh đạo Ban", "Văn bản đã duyệt", 14, "1.5"),
        Job("Chỉ đạo chuẩn bị nội dung làm việc với {noi}", "Đề cương, báo cáo làm việc", 1, "1.5"),
        Job("Dự họp liên ngành và báo cáo kết quả", "Báo cáo kết quả họp", 2, "1.2"),
        Job("Kiểm tra tiến độ nhiệm vụ trọng tâm của đơn vị", "Biên bản kiểm tra tiến độ", 1, "1.2"),
        Job("Cho ý kiến về đề án do đơn vị chủ trì", "Phiếu ý kiến", 3, "2"),
        Job("Tiếp, trả lời kiến nghị của cán bộ {noi}", "Biên bản làm việc", 1, "1.2"),
        Job("Rà soát phân công công tác trong đơn vị", "Bảng phân công sửa đổi", 1, "1"),
        Job("Chỉ đạo sơ kết công tác sáu tháng đầu năm", "Dự thảo báo cáo sơ kết", 1, "2"),
    ),
    "aide": (
        Job("Chuẩn bị tài liệu, phát biểu của đồng chí lãnh đạo Ban", "Dự thảo phát biểu", 2, "2"),
        Job("Tổng hợp, phân loại văn bản trình lãnh đạo", "Phiếu trình", 32, "1"),
        Job("Theo dõi việc thực hiện ý kiến chỉ đạo của lãnh đạo", "Bảng theo dõi", 1, "1.2"),
        Job("Phục vụ lãnh đạo làm việc tại {noi}", "Báo cáo chuyến công tác", 1, "1.2"),
        Job("Nghiên cứu, tóm tắt đề án trước khi trình", "Bản tóm tắt, đề xuất", 3, "1.5"),
        Job("Sắp xếp lịch làm việc, tiếp khách của lãnh đạo", "Lịch làm việc", 1, "1"),
        Job("Rà soát kết luận còn chậm thực hiện", "Báo cáo nhanh", 1, "1.2"),
    ),
    "clerk": (
        Job("Tiếp nhận, đăng ký văn bản đến", "Văn bản đã vào sổ", 95, "1"),
        Job("Phát hành văn bản đi, đóng dấu, chuyển phát", "Văn bản đã phát hành", 58, "1"),
        Job("Sắp xếp, nộp lưu hồ sơ công việc quý I", "Hồ sơ nộp lưu", 12, "1"),
        Job("Đánh máy, in và đóng quyển tài liệu họp", "Bộ tài liệu", 40, "1"),
        Job("Quản lý văn phòng phẩm, cấp phát theo đề nghị", "Phiếu cấp phát", 9, "1"),
        Job("Quét văn bản, cập nhật hệ thống điều hành", "Văn bản đã cập nhật", 70, "1"),
    ),
    "driver": (
        Job("Đưa đón cán bộ đi công tác tại {noi}", "Chuyến xe an toàn", 3, "1"),
        Job("Bảo dưỡng, vệ sinh xe định kỳ", "Phiếu bảo dưỡng", 1, "1"),
        Job("Trực xe theo lịch phân công", "Ca trực", 4, "1"),
        Job("Lập bảng kê nhiên liệu, nhật trình xe", "Bảng kê", 1, "1"),
        Job("Chuyển tài liệu hỏa tốc giữa hai trụ sở", "Lượt chuyển", 6, "1"),
    ),
}

SUMMARIES = (
    "Cơ bản hoàn thành các nhiệm vụ được giao trong tuần; sản phẩm được lãnh đạo đơn vị thông qua.",
    "Hoàn thành nhiệm vụ theo kế hoạch tuần, trong đó có một việc đột xuất được giao giữa tuần.",
    "Các sản phẩm đã trình đúng hạn; còn một nội dung phải chỉnh sửa theo góp ý của cấp trên.",
    "Bám sát chương trình công tác, chủ động phối hợp với các đơn vị; khối lượng công việc tăng.",
    "Đã hoàn thành phần việc chính; một số việc chuyển tiếp sang tuần sau do chờ ý kiến đơn vị phối hợp.",
    "Thực hiện đủ các đầu việc; chất lượng văn bản được cải thiện, ít phải sửa lại về thể thức.",
    "Tập trung cho nhiệm vụ trọng tâm của đơn vị, các việc thường xuyên vẫn được duy trì nền nếp.",
    "Tuần qua dành nhiều thời gian rà soát số liệu; kết quả đã được đối chiếu và thống nhất với cơ sở.",
)
CONDUCTS = (
    "Chấp hành nghiêm giờ giấc làm việc, quy chế cơ quan; phối hợp tốt với đồng nghiệp.",
    "Có tinh thần trách nhiệm, sẵn sàng làm thêm giờ khi công việc yêu cầu.",
    "Tác phong đúng mực, lề lối làm việc khoa học, giữ gìn bí mật công tác.",
    "Chấp hành sự phân công của tổ chức; một buổi đến muộn 15 phút đã báo cáo lãnh đạo.",
    "Nghiêm túc thực hiện nội quy, cầu thị tiếp thu ý kiến góp ý.",
    "Giữ gìn đoàn kết nội bộ; chủ động đề xuất cách làm mới trong xử lý công việc.",
)
OBSTACLES = (
    "Một số địa phương gửi số liệu chậm, phải đôn đốc nhiều lần nên ảnh hưởng tiến độ tổng hợp.",
    "Phần mềm quản lý văn bản nội bộ thường bị gián đoạn vào đầu giờ sáng.",
    "Biểu mẫu báo cáo giữa các đơn vị chưa thống nhất, mất nhiều thời gian đối chiếu.",
    "Nhân sự được biệt phái làm nhiệm vụ khác nên khối lượng công việc dồn vào cuối tuần.",
    "Máy quét tài liệu đã cũ, tốc độ chậm, hay kẹt giấy.",
    "Quy định mới chưa có hướng dẫn cụ thể nên còn lúng túng khi trả lời cơ sở.",
    "Thời hạn một số việc đột xuất quá gấp, ít thời gian xin ý kiến đơn vị liên quan.",
    "Hồ sơ cũ thiếu thành phần, phải xác minh lại với cơ quan trước đây của cán bộ.",
)
PROPOSALS = (
    "Đề nghị ban hành thống nhất biểu mẫu số liệu để các đơn vị cùng sử dụng.",
    "Đề nghị Văn phòng Ban bố trí thêm một máy quét tốc độ cao.",
    "Kiến nghị tổ chức một buổi tập huấn ngắn về thể thức văn bản.",
    "Đề nghị lãnh đạo cho phép gửi xin ý kiến qua mạng nội bộ để rút ngắn thời gian.",
    "Đề nghị bổ sung một chuyên viên trong thời gian cao điểm.",
    "Đề nghị sớm có văn bản hướng dẫn thực hiện quy định mới.",
)
COMMENTS = {
    "excellent": (
        "Chủ động, chất lượng sản phẩm tốt, hoàn thành vượt tiến độ.",
        "Hoàn thành xuất sắc nhiệm vụ trọng tâm, có đề xuất hay.",
        "Sản phẩm sử dụng được ngay, phối hợp rất tốt.",
    ),
    "good": (
        "Hoàn thành tốt nhiệm vụ, cần chú ý thêm về thể thức.",
        "Nhất trí với tự đánh giá; tiến độ bảo đảm.",
        "Làm việc có trách nhiệm, sản phẩm đạt yêu cầu.",
        "Khối lượng công việc lớn, cơ bản đúng hạn.",
        "Cần chủ động báo cáo sớm khi có vướng mắc.",
    ),
    "completed": (
        "Hoàn thành nhiệm vụ nhưng văn bản còn phải sửa nhiều lần.",
        "Tiến độ một số việc còn chậm, cần cố gắng hơn.",
        "Đạt yêu cầu ở mức cơ bản; cần nâng cao chất lượng tham mưu.",
    ),
    "failed": ("Không hoàn thành nhiệm vụ được giao trong tuần.",),
}
EXCUSES = (
    "Chờ số liệu của cơ sở, xin lùi sang tuần sau.",
    "Phải làm lại do sai căn cứ pháp lý.",
    "Dồn việc đột xuất, chưa cân đối được thời gian.",
)
