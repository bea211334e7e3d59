"""Pictures put where a provider can fetch them, for those that take public addresses alone."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import content_of_file
from fvbuild.errors import TargetError

if TYPE_CHECKING:
    from fvbuild.targets.api.media import Media


@dataclass(frozen=True, slots=True)
class Publishing:
    """A folder that a web server of the user's shows at an address."""

    folder: Path
    url: str

    def publish(self, media: Media) -> str:
        """The address of a picture, which lies in the folder under its content's digest.

        Nobody can guess the name, and it tells nothing of the film. Raises TargetError.
        """
        digest = media.digest or content_of_file(media.path)
        name = f"{digest}{Path(media.filename).suffix}"
        path, part = self.folder / name, self.folder / f"{name}.{os.getpid()}"
        try:
            if not path.is_file():
                shutil.copyfile(media.path, part)
                part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise TargetError(
                f"a picture cannot be published in '{self.folder}': {error.strerror}",
                hint="`publish: {folder: ...}` of fvbuild.yaml is a folder that can be written to",
            ) from None
        return f"{self.url.rstrip('/')}/{name}"
