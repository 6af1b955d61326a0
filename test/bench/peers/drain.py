# Drain3 in its best honest configuration: its own masking of addresses, numbers and hexadecimal, its default tree.
# In: a file of lines. Out: the number of each line's cluster.
import sys

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

config = TemplateMinerConfig()
config.profiling_enabled = False
config.masking_instructions = [
    MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)(\d{1,3}(?:\.\d{1,3}){3})((?=[^A-Za-z0-9])|$)", "IP"),
    MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)([\-+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
]
miner = TemplateMiner(config=config)
out = []
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        out.append(str(miner.add_log_message(line.rstrip("\n"))["cluster_id"]))
sys.stdout.write("\n".join(out) + "\n")
