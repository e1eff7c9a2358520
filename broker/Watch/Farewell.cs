namespace SidecarAgent.Broker.Watch;

/// <summary>
/// When the agents of a broker that stops are to come back: one after the other, about as fast as a broker can take them.
/// If all came at the same moment, each would wait for a handshake longer than it is willing to.
/// </summary>
internal sealed class Farewell
{
    /// <summary>Two cores shake hands with more, and have other things to do.</summary>
    public const int PerSecond = 1_000;

    /// <summary>A broker that is started again at once is ready by then.</summary>
    public static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    /// <summary>However many there are: pods go on with what they have, but not with news.</summary>
    public static readonly TimeSpan Latest = TimeSpan.FromSeconds(30);

    private int _told;

    /// <returns>How long the next one is to wait.</returns>
    public TimeSpan Next()
    {
        var wait = Soonest + TimeSpan.FromSeconds((double)(Interlocked.Increment(ref _told) - 1) / PerSecond);
        return wait < Latest ? wait : Latest;
    }
}
