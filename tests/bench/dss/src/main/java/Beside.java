import eu.europa.esig.dss.enumerations.MimeTypeEnum;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prints what DSS says of each file of a list: path, worst indication, sub-indication, number of signatures; offline. */
public class Beside {
    public static void main(String[] args) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        if (args.length > 1) {
            for (File file : new File(args[1]).listFiles()) {
                for (CertificateToken token : List.of(DSSUtils.loadCertificate(file))) trusted.addCertificate(token);
            }
        }
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            System.out.println(line + "\t" + say(line, trusted));
        }
    }

    private static String say(String path, CommonTrustedCertificateSource trusted) {
        try {
            FileDocument document = new FileDocument(path);
            document.setMimeType(MimeTypeEnum.PDF);
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
            CommonCertificateVerifier verifier = new CommonCertificateVerifier();
            verifier.setTrustedCertSources(trusted);
            validator.setCertificateVerifier(verifier);
            Reports reports = validator.validateDocument();
            SimpleReport report = reports.getSimpleReport();
            List<String> all = new ArrayList<>();
            String worst = "NO_SIGNATURE", sub = "";
            int weight = -1;
            for (String id : report.getSignatureIdList()) {
                String said = String.valueOf(report.getIndication(id));
                int now = said.equals("TOTAL_FAILED") ? 2 : said.equals("INDETERMINATE") ? 1 : 0;
                if (now > weight) {
                    weight = now;
                    worst = said;
                    sub = report.getSubIndication(id) == null ? "" : String.valueOf(report.getSubIndication(id));
                }
            }
            return worst + "\t" + sub + "\t" + report.getSignaturesCount();
        } catch (Throwable e) {
            String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            return "EXCEPTION\t" + e.getClass().getSimpleName() + ": " + message.substring(0, Math.min(80, message.length())) + "\t0";
        }
    }
}
