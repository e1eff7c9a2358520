namespace SidecarAgent.Broker.Identity;

/// <summary>What became of the token of somebody who calls BrokerAdmin over TLS.</summary>
internal abstract record OperatorResult
{
    /// <summary>The token proves this operator.</summary>
    public sealed record Verified(Operator Operator) : OperatorResult;

    /// <summary>The token proves nothing.</summary>
    /// <param name="Reason">For machines.</param>
    /// <param name="Message">For people; safe to log and to send back.</param>
    public sealed record Rejected(TokenRejection Reason, string Message) : OperatorResult;

    /// <summary>The token is good, but its subject is not listed under <c>admins</c>.</summary>
    /// <param name="Message">For people; safe to log and to send back.</param>
    public sealed record NotAnAdmin(string Message) : OperatorResult;
}
