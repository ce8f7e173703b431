# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービス（試行環境） — prescriptions and dispensings of all institutions, their states, and the check over them."""
