using System.Net.Sockets;
using System.Security.Authentication;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;
using StackExchange.Redis;

namespace SidecarAgent.Broker.Engines.Redis;

/// <summary>
/// Tells failures that pass from those that somebody must repair. An answer of the server that is an error begins with a
/// code; a few of those pass.
/// </summary>
internal static class RedisFailure
{
    private static readonly string[] Passing = ["LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "OOM", "MISCONF"];

    public static bool IsOne(Exception e) =>
        e is RedisException or RedisTimeoutException or SocketException or IOException or AuthenticationException or TimeoutException
            or OperationCanceledException;

    /// <param name="where">The server.</param>
    /// <param name="doing">What was tried, such as <c>make the account x</c>.</param>
    /// <param name="e">For which <see cref="IsOne"/>.</param>
    public static AccountServerException Explain(string where, string doing, Exception e)
    {
        var what = $"Redis at {where} did not {doing}";
        // The library says the same of a wrong password and of a certificate that nobody vouches for.
        if (e is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure, InnerException: not AuthenticationException })
            return new AccountServerRefusedException($"{what}: it does not let the broker's own account in", e);
        // The library's other messages go on for a page about its own state.
        if (e is not RedisServerException answer)
            return new AccountServerUnreachableException($"{what}: {ForeignText.Clean(e.Message.Split(';', 2)[0])}", e);
        // What Redis says of a wrong rule repeats it, and rules may be hashes of passwords.
        var code = answer.Message.Split(' ', 2)[0];
        var message = $"{what}: {(answer.Message.Contains('#') ? "a rule of the role is wrong" : ForeignText.Clean(answer.Message))}";
        return Passing.Contains(code)
            ? new AccountServerUnreachableException(message, e)
            : new AccountServerRefusedException(message, e);
    }
}
