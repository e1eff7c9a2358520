using System.Security.Cryptography;

namespace SidecarAgent.Agent.Connection;

/// <summary>The randomness that the pure delay functions take as an argument.</summary>
internal static class Jitter
{
    /// <returns>Evenly distributed in [0, 1).</returns>
    public static double Next() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
