import eu.europa.esig.dss.crl.CRLUtils;
import eu.europa.esig.dss.enumerations.MimeTypeEnum;
import eu.europa.esig.dss.enumerations.RevocationOrigin;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.model.x509.revocation.crl.CRL;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.RevocationSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.CRLToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * Prints what DSS says of each file of a list, offline: path, worst indication, sub-indication, number of signatures, first message.
 *
 * A line of the list is: file, folder with `anchors`, `others` (certificates) and `crls`, time of checking in milliseconds; by tabs.
 */
public class Beside {
    private record Answer(String indication, String sub, int signatures, String message) {}

    /** CRLs of a folder, as a source that is asked. */
    private static final class Lists implements RevocationSource<CRL> {
        private final List<byte[]> lists = new ArrayList<>();

        Lists(File folder) throws Exception {
            for (File file : filesOf(folder)) lists.add(Files.readAllBytes(file.toPath()));
        }

        @Override
        public CRLToken getRevocationToken(CertificateToken certificate, CertificateToken issuer) {
            for (byte[] list : lists) {
                try {
                    var validity = CRLUtils.buildCRLValidity(CRLUtils.buildCRLBinary(list), issuer);
                    if (!validity.isValid()) continue;
                    CRLToken token = new CRLToken(certificate, validity);
                    token.setExternalOrigin(RevocationOrigin.EXTERNAL);
                    return token;
                } catch (Exception e) {
                    continue; // another issuer's list
                }
            }
            return null;
        }
    }

    public static void main(String[] args) throws Exception {
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] parts = line.split("\t");
            Answer answer;
            try {
                answer = say(parts[0], new File(parts[1]), new Date(Long.parseLong(parts[2])));
            } catch (Throwable e) {
                answer = new Answer("EXCEPTION", "", 0, e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            String message = answer.message().replaceAll("\\s+", " ");
            System.out.println(String.join("\t", parts[0], answer.indication(), answer.sub(),
                String.valueOf(answer.signatures()), message.substring(0, Math.min(200, message.length()))));
        }
    }

    private static Answer say(String path, File given, Date at) throws Exception {
        FileDocument document = new FileDocument(path);
        document.setMimeType(MimeTypeEnum.PDF);
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        for (File file : filesOf(new File(given, "anchors"))) anchors.addCertificate(DSSUtils.loadCertificate(file));
        CommonCertificateSource others = new CommonCertificateSource();
        for (File file : filesOf(new File(given, "others"))) others.addCertificate(DSSUtils.loadCertificate(file));
        verifier.setTrustedCertSources(anchors);
        verifier.setAdjunctCertSources(others);
        verifier.setCrlSource(new Lists(new File(given, "crls")));
        validator.setCertificateVerifier(verifier);
        validator.setValidationTime(at);
        return worst(validator.validateDocument().getSimpleReport());
    }

    private static Answer worst(SimpleReport report) {
        Answer found = new Answer("NO_SIGNATURE", "", report.getSignaturesCount(), "");
        int weight = -1;
        for (String id : report.getSignatureIdList()) {
            String said = String.valueOf(report.getIndication(id));
            int now = said.equals("TOTAL_FAILED") ? 2 : said.equals("INDETERMINATE") ? 1 : 0;
            if (now <= weight) continue;
            weight = now;
            String sub = report.getSubIndication(id) == null ? "" : String.valueOf(report.getSubIndication(id));
            List<Message> told = new ArrayList<>(report.getAdESValidationErrors(id));
            told.addAll(report.getAdESValidationWarnings(id));
            String message = told.isEmpty() ? "" : String.valueOf(told.get(0).getValue());
            found = new Answer(said, sub, report.getSignaturesCount(), message);
        }
        return found;
    }

    private static File[] filesOf(File folder) {
        File[] files = folder.listFiles();
        return files == null ? new File[0] : files;
    }
}
