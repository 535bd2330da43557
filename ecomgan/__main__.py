"""python -m ecomgan"""

import sys

from ecomgan.cli import main

sys.exit(main())
