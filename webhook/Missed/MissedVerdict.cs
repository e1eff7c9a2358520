namespace SidecarAgent.Webhook.Missed;

/// <summary>What is to be said and done about a pod that asks for injection.</summary>
internal abstract record MissedVerdict
{
    /// <summary>It is as it should be, or is of no interest any more.</summary>
    public sealed record Fine : MissedVerdict;

    /// <summary>It runs without the agent.</summary>
    /// <param name="Message">For its owner.</param>
    /// <param name="MayEvict">A controller would make it anew, and the webhook would then inject it.</param>
    public sealed record Missed(string Message, bool MayEvict) : MissedVerdict;
}
