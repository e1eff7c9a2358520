using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>
/// An account server whose credentials are more than a name and a password: it makes the values itself. Its accounts
/// are certificates; their names are serial numbers in hexadecimal.
/// </summary>
internal interface ICertificateIssuer : IAccountServer
{
    /// <summary>The names of the fields that every certificate comes with.</summary>
    IReadOnlyList<string> FieldNames { get; }

    /// <exception cref="AccountServerRefusedException">The workload cannot have the role's names.</exception>
    Task<IssuedCertificate> IssueAsync(
        AccountName serial, string role, Workload workload, DateTimeOffset validUntil, CancellationToken cancellationToken);
}
