"""What insight refuses."""

from dealings.kernel.errors import Invalid


class BadPeriod(Invalid):
    code = "insight.bad_period"
    text = "The period ends before it begins. Choose its dates again."
