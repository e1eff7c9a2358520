namespace SidecarAgent.Broker.Watch;

/// <summary>The token of an open watch. Its watch ends when it is no longer believed.</summary>
internal sealed class WatchedToken(WatchedTokens tokens, string text) : IDisposable
{
    private readonly CancellationTokenSource _refused = new();

    public string Text => text;

    /// <summary>When it was believed last; only its own loop looks at it.</summary>
    public long CheckedAt { get; set; }

    /// <summary>Cancelled when it is no longer believed.</summary>
    public CancellationToken Refused => _refused.Token;

    /// <summary>Why; null: it is believed.</summary>
    public string? Problem { get; private set; }

    public void Refuse(string problem)
    {
        Problem = problem;
        _refused.Cancel();
    }

    public void Dispose() => tokens.Remove(this);
}
