namespace SidecarAgent.Webhook.Certificates;

internal sealed partial class CertificateLoop
{
    [LoggerMessage(LogLevel.Information, "New connections are answered with a certificate for {Names} that ends at {End:u}")]
    private partial void LogServes(string names, DateTimeOffset end);

    [LoggerMessage(LogLevel.Information, "A new authority is in the Secret '{Secret}'; it is used when API servers trust it")]
    private partial void LogPrepared(string secret);

    [LoggerMessage(LogLevel.Information, "The webhook configuration '{Webhook}' now trusts {Count} of our authorities")]
    private partial void LogAnnounced(string webhook, int count);

    [LoggerMessage(LogLevel.Information, "A new certificate is in the Secret '{Secret}'; it ends at {End:u}")]
    private partial void LogIssued(string secret, DateTimeOffset end);

    [LoggerMessage(LogLevel.Information, "What is no longer of use was taken out of the Secret '{Secret}'")]
    private partial void LogTidied(string secret);

    [LoggerMessage(LogLevel.Warning, "The Secret '{Secret}' was changed by others or is damaged, and what cannot be used is replaced: {Problems}")]
    private partial void LogRubbish(string secret, string problems);
}
