# SPDX-License-Identifier: Apache-2.0
"""薬局 — what a pharmacy received from 電子処方箋管理サービス and what it dispensed; the service is asked over the wire only."""
