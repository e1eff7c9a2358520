using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Tls;

/// <summary>
/// Keeps a CA and a certificate of the broker's own: <c>ca.pem</c> (with its key), <c>ca.crt</c> (for others to read) and
/// <c>tls.pem</c> (with its key). Certificate and key are one file, so that they change together.
/// </summary>
internal sealed partial class CertificateDirectory(SelfManagedTls options, TimeProvider clock, ILogger<CertificateDirectory> logger)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromHours(1);
    private static readonly TimeSpan WarnedBefore = TimeSpan.FromDays(365);

    public string AuthorityFile => Path.Combine(options.Directory, "ca.crt");

    public static string CertificateFileIn(string directory) => Path.Combine(directory, "tls.pem");

    /// <summary>Renews in time until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                Renew();
            }
            catch (CannotStartException e)
            {
                LogNotRenewed(e.Message);
            }
        }
    }

    /// <summary>Makes what is missing, and renews the certificate after two thirds of its life.</summary>
    /// <exception cref="CannotStartException">What is there cannot be used, or nothing can be written.</exception>
    public void Renew()
    {
        try
        {
            Directory.CreateDirectory(options.Directory, OwnerOnly | UnixFileMode.UserExecute);
            using var authority = Authority();
            if (new DateTimeOffset(authority.NotAfter) - clock.GetUtcNow() < WarnedBefore)
                LogAuthorityEnds(authority.NotAfter);
            var file = CertificateFileIn(options.Directory);
            if (File.Exists(file) && IsGood(file, authority))
                return;
            Write(file, OwnAuthority.NewCertificate(authority, options.Hosts, clock.GetUtcNow()), OwnerOnly);
            LogRenewed(file, string.Join(", ", options.Hosts));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CannotStartException($"The certificates in {options.Directory} cannot be used or renewed: {e.Message}", e);
        }
    }

    /// <summary>
    /// A CA that cannot be read is never replaced in silence: running pods trust it, and would be cut off.
    /// </summary>
    private X509Certificate2 Authority()
    {
        var file = Path.Combine(options.Directory, "ca.pem");
        if (!File.Exists(file))
            Write(file, OwnAuthority.NewAuthority(clock.GetUtcNow()), OwnerOnly);
        var authority = X509Certificate2.CreateFromPemFile(file);
        var forOthers = authority.ExportCertificatePem() + "\n";
        if (!File.Exists(AuthorityFile) || File.ReadAllText(AuthorityFile) != forOthers)
            Write(AuthorityFile, forOthers, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return authority;
    }

    private bool IsGood(string file, X509Certificate2 authority)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(file);
        var (from, to) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        return OwnAuthority.IsFor(certificate, options.Hosts)
            && certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData)
            && clock.GetUtcNow() < from + ((to - from) * 2 / 3);
    }

    /// <summary>The file is there with all of its content, or as it was.</summary>
    private static void Write(string file, string content, UnixFileMode mode)
    {
        var unfinished = file + ".new";
        File.Delete(unfinished);
        using (var stream = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        }))
        {
            stream.Write(Encoding.ASCII.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, file, overwrite: true);
    }

    [LoggerMessage(LogLevel.Information, "A certificate for {Hosts} was made: {File}.")]
    private partial void LogRenewed(string file, string hosts);

    [LoggerMessage(LogLevel.Warning, "The broker's own CA ends on {NotAfter:u}. Pods that are created with it stop working then: docs/install.md, \"Another CA\".")]
    private partial void LogAuthorityEnds(DateTime notAfter);

    [LoggerMessage(LogLevel.Error, "{Problem} The certificate in use stays.")]
    private partial void LogNotRenewed(string problem);
}
