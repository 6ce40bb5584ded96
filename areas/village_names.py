"""How villages are called when people write them short."""

import re

# What stands behind a village's own name: 冯村 is 冯村村 and 冯村社区 alike.
VILLAGE_SUFFIX = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区|村|居)$")
