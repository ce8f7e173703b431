# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュール — passes and rules that turn a visit into points, each with its reason."""
