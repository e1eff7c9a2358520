namespace SidecarAgent.Broker.Credentials;

internal sealed partial class Revocations
{
    [LoggerMessage(LogLevel.Warning, "{Count} accounts were being made when the broker ended the last time. They are dropped now.")]
    private partial void LogUnfinished(int count);

    [LoggerMessage(LogLevel.Error, "The database cannot say which accounts are to be dropped: {Problem}. The broker tries again every second.")]
    private partial void LogFailing(string problem);

    [LoggerMessage(LogLevel.Critical, "The account {Account} of {Path} could not be dropped, and still works: {Problem}. The broker goes on trying, seldom. Mend the cause and say: sidecarctl lease revoke {Lease}")]
    private partial void LogIrrevocable(string account, string path, string lease, string problem);

    [LoggerMessage(LogLevel.Error, "What became of the account {Account} cannot be written into the audit log: {Problem}.")]
    private partial void LogNotAudited(string account, string problem);
}
