namespace SidecarAgent.Broker.Identity;

/// <summary>What became of a workload's token.</summary>
internal abstract record TokenResult
{
    /// <summary>The token proves this caller.</summary>
    public sealed record Verified(Caller Caller) : TokenResult;

    /// <summary>The token proves nothing.</summary>
    /// <param name="Reason">For machines.</param>
    /// <param name="Message">For the application's developer; safe to log and to send back.</param>
    public sealed record Rejected(TokenRejection Reason, string Message) : TokenResult;
}
