"""The sample office's catalogue of standard products: part of what its people report, in the words they use and a few others.

Invented like everything there. Left out on purpose: what the driver does, most of the leaders' papers, and a few products that
people name in words of their own; the statistics list them as not in the catalogue.
"""

from __future__ import annotations

from datetime import date

HEADS: dict[str, tuple[str, int]] = {  # key → (label, width)
    "product_id": ("Mã sản phẩm", 12),
    "name": ("Tên sản phẩm chuẩn", 36),
    "aliases": ("Tên gọi khác (cách nhau bằng dấu ;)", 40),
    "unit": ("Đơn vị tính", 14),
    "group": ("Nhóm phức tạp", 12),
    "coefficient": ("Hệ số quy đổi", 12),
    "version": ("Phiên bản", 12),
    "start": ("Từ ngày", 13),
    "end": ("Đến ngày", 13),
}
_YEAR = date(2025, 1, 1)
_FIRST, _SECOND = "2025.1", "2025.2"
_LAST_DAY, _NEXT_DAY = date(2025, 6, 15), date(2025, 6, 16)  # letters of reply are worth more from week 25 on

Row = tuple[str, str, str, str, str, float, str, date, date | None]
ROWS: tuple[Row, ...] = (
    ("BC01", "Báo cáo thẩm định", "", "báo cáo", "N4", 3, _FIRST, _YEAR, None),
    ("BC02", "Báo cáo tổng hợp", "Báo cáo tổng hợp kèm phụ lục", "báo cáo", "N3", 2, _FIRST, _YEAR, None),
    ("BC03", "Báo cáo khảo sát", "Báo cáo kết quả chuyến công tác; Báo cáo chuyến công tác", "báo cáo", "N3", 1.8, _FIRST, _YEAR, None),
    ("BC04", "Báo cáo chuyên đề", "", "báo cáo", "N5", 4.5, _FIRST, _YEAR, None),
    ("BC05", "Báo cáo tuần", "Báo cáo nhanh", "báo cáo", "N2", 1.2, _FIRST, _YEAR, None),
    ("CV01", "Công văn trả lời", "", "công văn", "N2", 1, _FIRST, _YEAR, _LAST_DAY),
    ("CV01", "Công văn trả lời", "", "công văn", "N2", 1.25, _SECOND, _NEXT_DAY, None),
    ("CV02", "Dự thảo công văn", "Văn bản góp ý", "văn bản", "N3", 1.5, _FIRST, _YEAR, None),
    ("HD01", "Dự thảo hướng dẫn", "Dự thảo quy trình", "văn bản", "N4", 3.5, _FIRST, _YEAR, None),
    ("TT01", "Tờ trình và dự thảo quyết định", "Tờ trình và bản thuyết minh", "bộ", "N4", 3, _FIRST, _YEAR, None),
    ("HS01", "Hồ sơ đã thẩm định", "", "hồ sơ", "N2", 0.5, _FIRST, _YEAR, None),
    ("HS02", "Hồ sơ đã phân loại", "Hồ sơ số hóa đạt yêu cầu; Hồ sơ nộp lưu", "hồ sơ", "N1", 0.05, _FIRST, _YEAR, None),
    ("HS03", "Bản ghi đã đối chiếu", "", "bản ghi", "N1", 0.02, _FIRST, _YEAR, None),
    ("HS04", "Phiếu xác nhận", "", "phiếu", "N2", 0.4, _FIRST, _YEAR, None),
    ("VB01", "Văn bản đã vào sổ", "Văn bản đã xử lý; Văn bản đã cập nhật", "văn bản", "N1", 0.05, _FIRST, _YEAR, None),
    ("VB02", "Văn bản đã phát hành", "", "văn bản", "N1", 0.05, _FIRST, _YEAR, None),
    ("VB03", "Văn bản đã thẩm tra", "VĂN BẢN ĐÃ DUYỆT", "văn bản", "N2", 0.25, _FIRST, _YEAR, None),
    ("BT01", "Bảng tổng hợp biên chế", "Bảng thống kê; Bảng đối chiếu số liệu", "bảng", "N3", 1.5, _FIRST, _YEAR, None),
    ("BT02", "Bảng theo dõi nhiệm vụ", "Bảng theo dõi", "bảng", "N2", 0.8, _FIRST, _YEAR, None),
    ("BT03", "Biểu rà soát", "Bảng rà soát phụ cấp", "biểu", "N3", 1.5, _FIRST, _YEAR, None),
    ("TL01", "Bộ tài liệu họp", "Bộ tài liệu", "bộ", "N2", 0.6, _FIRST, _YEAR, None),
    ("KT01", "Bộ chứng từ", "Hồ sơ dự toán", "bộ", "N3", 1.2, _FIRST, _YEAR, None),
    ("PT01", "Phiếu trình", "", "phiếu", "N1", 0.1, _FIRST, _YEAR, None),
    ("PB01", "Dự thảo phát biểu", "", "bài", "N5", 4, _FIRST, _YEAR, None),
)  # fmt: skip
