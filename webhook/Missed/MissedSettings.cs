namespace SidecarAgent.Webhook.Missed;

/// <summary>What is done about pods that ask for injection and run without the agent.</summary>
/// <param name="Report">They are counted, and each gets an Event.</param>
/// <param name="Evict">Those that their controllers make anew are evicted.</param>
internal sealed record MissedSettings(bool Report, bool Evict)
{
    public static readonly MissedSettings Default = new(Report: true, Evict: false);
}
