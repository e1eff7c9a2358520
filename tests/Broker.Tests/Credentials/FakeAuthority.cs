using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>A CA that takes its time over each certificate, and knows how many it was asked for at once.</summary>
internal sealed class FakeAuthority : FakeAccounts, ICertificateIssuer
{
    private readonly Lock _lock = new();
    private int _issuing;

    /// <summary>Certificates wait for it.</summary>
    public Task HoldIssue { get; set; } = Task.CompletedTask;

    public int Issued { get; private set; }

    public int MostAtOnce { get; private set; }

    public IReadOnlyList<string> FieldNames { get; } = ["certificate"];

    public async Task<IssuedCertificate> IssueAsync(
        AccountName serial, string role, Workload workload, DateTimeOffset validUntil, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Issued++;
            MostAtOnce = Math.Max(MostAtOnce, ++_issuing);
        }

        await HoldIssue.WaitAsync(cancellationToken);
        lock (_lock)
            _issuing--;
        return new IssuedCertificate("leaf", "chain", "ca", SecretBytes.CopyOf("key"u8));
    }
}
