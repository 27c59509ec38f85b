"""Word pairs of administrative Vietnamese, written for this project, that no other accents turn into something sensible.

A pair is here only if the same letters with other marks make no expression: `ban hành` but not `công tác` (`cộng tác`).
"""

_PAIRS = """
ban hành;bãi bỏ;báo cáo;bảo đảm;bảo hiểm;bảo vệ;bắt đầu;biện pháp;bình đẳng;bí thư;bố trí;bộ phận;bộ trưởng
bổ nhiệm;bổ sung;bồi dưỡng;bưu chính;cách hành;cán bộ;cải cách;cải thiện;căn cứ;cấp huyện;cấp tỉnh;cấp xã;chánh văn
chấp hành;chất lượng;chế độ;chế tạo;chế xuất;chi tiết;chi trả;chỉ đạo;chỉ số;chỉ thị;chỉ tiêu;chính phủ;chính quyền
chính sách;chính trị;chịu trách;chủ nghĩa;chủ tịch;chủ trì;chủ trương;chuẩn hóa;chuẩn bị;chức danh;chức năng
chức vụ;chuyên môn;chuyển đổi;chuyển giao;chuyển phát;chữ ký;chương trình;chứng chỉ;chứng nhận;chứng thực
con người;cố gắng;cổ phần;cổng thông;công an;công báo;công bố;công chức;công dân;công đoàn;công ích;công khai
công nghệ;công nghiệp;công nhân;công thương;công trình;công văn;cộng đồng;cộng hòa;cơ cấu;cơ quan;cơ sở;cục trưởng
cư trú;cử tri;dân cư;dân sự;dân tộc;dân vận;di tích;dịch vụ;diện tích;doanh nghiệp;du lịch;dự toán;dữ liệu
đa dạng;đào tạo;đảng viên;đảng ủy;đánh giá;đặc biệt;đăng ký;đấu giá;đấu thầu;đất đai;đầu tiên;đầu tư;đẩy mạnh
đề nghị;đề xuất;đến nay;đề án;địa bàn;địa chỉ;địa phương;điện tử;điều chỉnh;điều hành;điều khoản;điều kiện
định hướng;định kỳ;đoàn kết;đoàn thể;độc lập;đối chiếu;đối với;đối tượng;đội ngũ;đồng bộ;đồng chí;đồng thời;đồng ý
đời sống;đơn giản;đơn vị;đúng hạn;đường lối;gia đình;giai đoạn;giải pháp;giải quyết;giám đốc;giám hộ;giám sát
giảng viên;giao dịch;giao thông;giáo dục;giáo viên;giấy khai;giấy mời;giấy phép;giấy tờ;giới thiệu;hạ tầng;hạn chế
hàng hóa;hàng năm;hạnh phúc;hành chính;hành động;hệ thống;hiện đại;hiến pháp;hiệu lực;hiệu quả;hiệu trưởng;hình thức
hoàn thành;hoàn thiện;hoạt động;học sinh;học tập;hỗ trợ;hội đồng;hội nghị;hội phụ;hồ sơ;hộ tịch;hợp đồng;hợp tác
huyện ủy;hướng dẫn;hưởng ứng;khai sinh;khai thác;khẩn trương;khắc phục;khen thưởng;khiếu nại;khoa học
không gian;khu công;khu vực;khuyến khích;kịp thời;kiểm sát;kiểm soát;kiểm toán;kiểm tra;kinh doanh;kinh nghiệm;kinh phí
kinh tế;kính gửi;ký duyệt;ký kết;kết luận;kết nối;kết quả;kế hoạch;kế toán;kỷ cương;kỷ luật;kỹ năng;kỹ thuật;lao động
làm việc;lãnh đạo;lấy ý;liên đoàn;liên hệ;liên quan;liên thông;lĩnh vực;lịch sử;lưu trữ;lực lượng;mạng lưới
mặt trận;miễn thuế;minh bạch;môi trường;mục đích;mục tiêu;mức độ;nâng cao;năng lực;ngân hàng;ngân sách;ngành nghề
nghị định;nghị quyết;nghĩa vụ;nghĩa việt;nghiên cứu;nghiêm túc;nghiệp vụ;ngoại giao;ngoại ngữ;ngoại vụ;người dân
nguồn lực;nguồn vốn;nhà nước;nhà ở;nhà trường;nhằm mục;nhân dân;nhân sự;nhận thức;nhận xét;nhập khẩu;nhập học
nhiệm kỳ;nhiệm vụ;niêm yết;nội dung;nội vụ;nông dân;nông nghiệp;nông thôn;ngày càng;nơi nhận;phạm vi
phát huy;phát hiện;phát sinh;phát triển;pháp luật;pháp lý;phân công;phân tích;phê duyệt;phó chủ;phó giám;phó thủ
phong trào;phòng chống;phòng ngừa;phổ biến;phổ thông;phối hợp;phụ lục;phụ trách;phù hợp;phục vụ;phương án;phương châm
phương hướng;phương pháp;phương thức;phường, xã;quan trọng;quản lý;quán triệt;quân sự;quốc dân;quốc gia
quốc hội;quốc phòng;quốc tế;quy chế;quy định;quy hoạch;quy mô;quy trình;quyền hạn;quyền lợi;quyết định;quyết liệt
rà soát;rút ngắn;sản xuất;sáng tạo;sẵn sàng;sinh hoạt;sinh viên;sổ sách;số hóa;sở hữu;sử dụng;sự nghiệp;sức khỏe
sửa đổi;tài chính;tài khoản;tài liệu;tài nguyên;tạo thuận;tập huấn;tập thể;tăng cường;thanh niên;thanh toán
thanh tra;thành lập;thành phần;thành phố;thành tích;thành viên;tham gia;tham mưu;thay thế;thẩm định;thẩm quyền
thể chế;thể thao;theo dõi;thi đua;thi hành;thiết bị;thiết thực;thị trấn;thị trường;thông báo;thông qua
thông suốt;thông tin;thống kê;thống nhất;thỏa thuận;thời gian;thời hạn;thu hồi;thủ trưởng;thủ tục;thủ tướng;thụ lý
thuận lợi;thuận tiện;thuế nhập;thuế xuất;thương binh;thương mại;thường trực;thường vụ;thường xuyên;thứ trưởng
thực hiện;thực tập;thực tế;tiến độ;tiến hành;tiếp cận;tiếp công;tiếp nhận;tiếp theo;tiếp tục;tiêu chí;tiêu chuẩn
tinh gọn;tinh thần;tỉnh ủy;tình hình;toàn bộ;toàn diện;toàn quốc;tòa án;tổ chức;tổ quốc;tổng bí;tổng cục;tổng hợp
tổng kết;tổng liên;tổng số;tốt nghiệp;tố cáo;trách nhiệm;trả kết;trang thông;trang thiết;triển khai;trình độ;tri thức
trong đó;trọng tâm;trồng trọt;trung tâm;trung ương;truyền hình;truyền thanh;truyền thông;truyền thống;trường học
trực thuộc;trực tiếp;trực tuyến;trưởng ban;trưởng khoa;trưởng phòng;tư pháp;tư nhân;tự do;tuyên truyền
tuyển dụng;tuyển sinh;từ ngày;ubnd huyện;ubnd phường;ubnd quận;ubnd tỉnh
tỷ lệ;ứng dụng;ủy ban;ủy nhiệm;ủy quyền;ủy viên;ưu tiên;văn bản;văn bằng;văn hóa
văn nghệ;văn phòng;văn thư;vệ sinh;vi phạm;viên chức;việc làm;viện kiểm;việt nam;vướng mắc;xã hội;xác minh;xác nhận
xây dựng;xem xét;xuất khẩu;xử lý;xử phạt;ý kiến;ý thức;yêu cầu;y tế
"""
PAIRS = frozenset(
    tuple(pair.split(" "))
    for line in _PAIRS.strip().splitlines()
    for pair in line.split(";")
    if pair.count(" ") == 1 and "," not in pair
)
