using SidecarAgent.Broker;
using SidecarAgent.Broker.Api;
using SidecarAgent.Ctl.Connection;

namespace SidecarAgent.Conventions.Tests;

/// <summary>Whatever the broker can refuse, sidecarctl says what to do about it.</summary>
public sealed class AdviceTests
{
    private static readonly BrokerSettings Settings = new(new BrokerAddress.LocalSocket("/run/admin.sock"), null, null, TimeSpan.FromSeconds(30));

    public static TheoryData<string> Reasons =>
        [.. Enum.GetNames<ErrorReason>().Where(name => name != nameof(ErrorReason.Internal))];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Each_refusal_has_an_advice_of_its_own(string reason)
    {
        var refusal = Errors.Failure(Enum.Parse<ErrorReason>(reason), "no");

        Assert.DoesNotContain("the broker's log says more", BrokerFailure.Explain(refusal, Settings).Message, StringComparison.Ordinal);
    }
}
