"""veraPDF, the judge of PDF/A: fetched by Maven, asked about whole folders at once, since starting it takes seconds."""

import shutil
import subprocess
from pathlib import Path

from tests.servers import Missing

VERSION = "1.28.2"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>digitise</groupId><artifactId>judge</artifactId><version>1</version><dependencies><dependency>
<groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERSION}</version>
</dependency></dependencies></project>"""


def class_path(folder: Path) -> str:
    """Return the class path of veraPDF; raises Missing with the reason where it cannot be had."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")
    (folder / "pom.xml").write_text(POM)
    command = ["mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=path.txt"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired as error:
        raise Missing("Maven Central did not answer within 300 s") from error
    if done.returncode:
        raise Missing(f"Maven could not fetch veraPDF: {done.stdout[-300:]}")
    return (folder / "path.txt").read_text()


def judge(verapdf: str, files: list[Path]) -> dict[str, str]:
    """Return `PASS`, or `FAIL` with the clauses broken, by the name of each file: PDF/A-2b."""
    command = ["java", "-cp", verapdf, "org.verapdf.apps.GreenfieldCliWrapper", "-f", "2b", "--format", "text", "-v"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=600, check=False)
    verdicts: dict[str, str] = {}
    last = ""
    for line in done.stdout.splitlines():
        if line.startswith(("PASS", "FAIL")):
            verdict, path, *_ = line.split()
            last = Path(path).name
            verdicts[last] = verdict
        elif line.startswith("  FAIL"):
            verdicts[last] += line[6:]
    return verdicts
