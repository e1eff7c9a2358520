namespace SidecarAgent.Agent.Sync;

/// <param name="Reason">A fixed word, such as NO_GRANT or REVOKED: may be shown to anybody.</param>
/// <param name="Message">The broker's or the renderer's sentence, for the log.</param>
/// <param name="Since">When it was first heard.</param>
internal sealed record SecretProblem(string Reason, string Message, DateTimeOffset Since);
