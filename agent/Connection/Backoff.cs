namespace SidecarAgent.Agent.Connection;

/// <summary>How long to wait before the broker is asked again.</summary>
internal static class Backoff
{
    /// <summary>How long a TCP connection may take to be there. With the longest wait it makes 5 s.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the connection with its TLS handshake may take. A broker to whom thousands come back at once takes them one
    /// after the other: who has a place in that queue and gives up makes it only longer for all.
    /// </summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait that the agent chooses itself.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>The longest wait that a broker may ask for; more must be a mistake.</summary>
    public static readonly TimeSpan LongestAskedFor = TimeSpan.FromMinutes(5);

    /// <summary>Spreads the agents of a broker that stopped in an orderly way.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private const double Growth = 1.5;

    /// <param name="failures">Attempts that failed since the last that worked for a while; 0: one that worked has ended.</param>
    /// <param name="askedFor">The broker's RetryInfo; null: it said nothing.</param>
    /// <param name="random">Evenly distributed in [0, 1).</param>
    /// <returns>
    /// After a failure at least one second, growing to between half and all of <see cref="Longest"/>; never less than was
    /// asked for.
    /// </returns>
    public static TimeSpan Delay(int failures, TimeSpan? askedFor, double random)
    {
        var own = Own(failures, random);
        if (askedFor is not { } asked)
            return own;
        var obeyed = (asked < LongestAskedFor ? asked : LongestAskedFor) * (1 + (0.1 * random));
        return obeyed > own ? obeyed : own;
    }

    private static TimeSpan Own(int failures, double random)
    {
        if (failures <= 0)
            return Spread * random;
        var ceiling = (Shortest + Spread) * Math.Pow(Growth, Math.Min(failures - 1, 10));
        if (ceiling > Longest)
            ceiling = Longest;
        var floor = ceiling / 2 > Shortest ? ceiling / 2 : Shortest;
        return floor + ((ceiling - floor) * random);
    }
}
