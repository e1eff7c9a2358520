namespace SidecarAgent.Broker.Identity;

/// <summary>What became of a token, whoever it speaks for: one of the two is there.</summary>
internal readonly record struct TokenCheck(SignedToken? Token, TokenResult.Rejected? Rejection)
{
    public static TokenCheck Reject(TokenRejection reason, string message) => new(null, new(reason, message));
}
