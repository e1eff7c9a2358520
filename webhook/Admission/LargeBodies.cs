namespace SidecarAgent.Webhook.Admission;

/// <summary>
/// Lets in so many large bodies at a time, each with the memory that it takes to read and judge it. Pods are a few
/// kilobytes; without this, a hundred clients with three megabytes each could fill the container's memory.
/// </summary>
internal sealed class LargeBodies(TimeProvider time) : IDisposable
{
    public const int AtOnce = 4;

    /// <summary>A place comes free within milliseconds where clients send at once; an API server waits 5 s for all of it.</summary>
    private static readonly TimeSpan WaitsAtMost = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <returns>False if no place came free in time. Otherwise <see cref="Leave"/> must be called.</returns>
    public async Task<bool> TryEnterAsync(CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(WaitsAtMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await _places.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Leave() => _places.Release();

    public void Dispose() => _places.Dispose();
}
