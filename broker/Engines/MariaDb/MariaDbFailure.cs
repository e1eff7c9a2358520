using MySqlConnector;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.MariaDb;

/// <summary>Tells failures that pass from those that somebody must repair, by the server's error numbers.</summary>
internal static class MariaDbFailure
{
    /// <summary>The connection was killed: a number of MariaDB's that the client library has no name for.</summary>
    private const int ConnectionKilled = 1927;

    public static bool IsOne(Exception e) =>
        e is MySqlException or TimeoutException or OperationCanceledException or IOException or MySqlProtocolException;

    /// <param name="where">The server.</param>
    /// <param name="doing">What was tried, such as <c>make the account x</c>.</param>
    /// <param name="e">For which <see cref="IsOne"/>.</param>
    public static AccountServerException Explain(string where, string doing, Exception e)
    {
        var what = $"MariaDB at {where} did not {doing}";
        if (e is not MySqlException answer)
            return new AccountServerUnreachableException($"{what}: {ForeignText.Clean(e.Message)}", e);
        if (Passes(answer))
            return new AccountServerUnreachableException($"{what}: {ForeignText.Clean(answer.Message)} ({(int)answer.ErrorCode})", e);
        // A syntax error quotes the statement from where it went wrong: with the hash of a password, perhaps.
        var sentence = answer.ErrorCode == MySqlErrorCode.ParseError
            ? "the statement is not understood; look at the role's statements"
            : ForeignText.Clean(answer.Message);
        return new AccountServerRefusedException($"{what}: {sentence} ({(int)answer.ErrorCode})", e);
    }

    private static bool Passes(MySqlException e) => e.IsTransient
        || e.ErrorCode is MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ConnectionCountError
            or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.UserLimitReached
            or MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout
            or MySqlErrorCode.QueryInterrupted or MySqlErrorCode.ServerShutdown or MySqlErrorCode.CommandTimeoutExpired
        || (int)e.ErrorCode == ConnectionKilled;
}
