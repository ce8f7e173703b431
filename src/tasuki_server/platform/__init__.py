# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境） — what its services share: who is connected, the door, faults on demand."""
