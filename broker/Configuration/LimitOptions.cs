namespace SidecarAgent.Broker.Configuration;

/// <summary>How much of the broker one holder (a pod) may use, and all of them together.</summary>
internal sealed record LimitOptions
{
    /// <summary><c>callsPerSecond</c>: in the long run, each secret or lease that a call is about counted; 1 to 100000, default 100.</summary>
    public int CallsPerSecond { get; init; } = 100;

    /// <summary><c>burst</c>: calls at once, after a while without; 1 to 100000, default 500.</summary>
    public int Burst { get; init; } = 500;

    /// <summary><c>watches</c>: open at a time; 1 to 1000, default 8.</summary>
    public int Watches { get; init; } = 8;

    /// <summary><c>dynamicLeases</c>: accounts that exist for it at a time; 1 to 10000, default 64.</summary>
    public int DynamicLeases { get; init; } = 64;

    /// <summary><c>connections</c>: open over TLS at a time, of all holders and strangers together; 100 to 1000000, default 20000.</summary>
    public int Connections { get; init; } = 20_000;

    public static LimitOptions Default { get; } = new();
}
