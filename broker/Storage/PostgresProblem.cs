using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Storage;

/// <summary>Says why a PostgreSQL server gives no session, and what to do about it.</summary>
internal static class PostgresProblem
{
    public static bool IsOne(Exception e) =>
        e is NpgsqlException or TimeoutException or AccountServerException or IOException or CryptographicException
            or UnauthorizedAccessException;

    /// <param name="options">What was tried to reach.</param>
    /// <param name="e">For which <see cref="IsOne"/>.</param>
    /// <returns>A sentence that ends with a full stop.</returns>
    public static string Explain(StorageOptions.Postgres options, Exception e)
    {
        var cause = Innermost(e);
        var said = ForeignText.Clean(cause.Message).TrimEnd('.');
        return $"The database {options.Name} cannot be used: {said}." + cause switch
        {
            PostgresException answer => Advice(options, answer),
            AuthenticationException => " Its certificate must come from a CA in 'caFile'"
                + (options.Tls == PostgresTls.VerifyFull ? $", and name {options.Host}." : "."),
            _ => "",
        };
    }

    // The manual, appendix A, has the codes.
    private static string Advice(StorageOptions.Postgres options, PostgresException answer) => answer.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $" Look at 'user'{(options.PasswordFile is { } file ? $", at what is in {file}" : "")} and at the server's pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName =>
            $" Make it on the server: CREATE DATABASE \"{options.Database}\" OWNER \"{options.User}\" ENCODING 'UTF8' TEMPLATE template0",
        PostgresErrorCodes.InsufficientPrivilege =>
            $" The broker's account must own its database: ALTER DATABASE \"{options.Database}\" OWNER TO \"{options.User}\"",
        PostgresErrorCodes.TooManyConnections => " The broker needs ten connections at most.",
        _ => "",
    };

    /// <summary>The cause, or the sentence of ours that says it better.</summary>
    private static Exception Innermost(Exception e) =>
        e is AccountServerException || e.InnerException is not { } inner ? e : Innermost(inner);
}
