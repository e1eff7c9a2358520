using Npgsql;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>Tells failures that pass from those that somebody must repair, by SQLSTATE (the manual, appendix A).</summary>
internal static class PostgresFailure
{
    public const string UndefinedRole = "42704";

    public static bool IsOne(Exception e) => e is NpgsqlException or TimeoutException or OperationCanceledException;

    /// <param name="where">The server.</param>
    /// <param name="doing">What was tried, such as <c>make the account x</c>.</param>
    /// <param name="e">For which <see cref="IsOne"/>.</param>
    public static AccountServerException Explain(string where, string doing, Exception e)
    {
        var what = $"PostgreSQL at {where} did not {doing}";
        if (e is not PostgresException answer)
            return new AccountServerUnreachableException($"{what}: {ForeignText.Clean(Innermost(e))}", e);
        // Only the server's own sentence: detail, hint and position would show parts of the statement.
        var message = $"{what}: {ForeignText.Clean(answer.MessageText)} ({answer.SqlState})";
        return Passes(answer)
            ? new AccountServerUnreachableException(message, e)
            : new AccountServerRefusedException(message, e);
    }

    private static bool Passes(PostgresException e) =>
        e.IsTransient
        || e.SqlState is "57P03" or "57P01" or "57P02" or "57014" or "25006" or "55P03" or "40P01" or "40001" or "XX000"
        || e.SqlState.StartsWith("08", StringComparison.Ordinal)
        || e.SqlState.StartsWith("53", StringComparison.Ordinal);

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;
}
