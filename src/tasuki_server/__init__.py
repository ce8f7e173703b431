# SPDX-License-Identifier: Apache-2.0
"""襷 server — who does it, where it is stored, what is seen."""
