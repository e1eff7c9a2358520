namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>Keeps the tokens of one projected volume fresh, as the kubelet does: a new one at 80 % of the life.</summary>
internal sealed class TokenRenewal(
    string directory, TokenVolume volume, PodIdentity pod, TokenIssuer issue, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly ProjectedFiles _files = new(directory);

    /// <exception cref="TokenIssueException"/>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in volume.Tokens)
            tokens[token.Path] = await issue(pod, token.Audience, token.Lifetime, cancellationToken);
        _files.Write(tokens);
    }

    /// <summary>Renews until it is cancelled. A failure is reported and tried again; the old token stays.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var wait = UntilRenewal();
        while (true)
        {
            await Task.Delay(wait, time, cancellationToken);
            try
            {
                await WriteAsync(cancellationToken);
                wait = UntilRenewal();
            }
            catch (TokenIssueException e)
            {
                report($"the token volume '{volume.Name}' keeps its old token: {e.Message}");
                wait = RetryDelay;
            }
        }
    }

    private TimeSpan UntilRenewal() => volume.Tokens.Min(token => token.Lifetime) * 0.8;
}
