# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービス — what the service asks and answers: operations, states, dated rules, checks over institutions."""
