namespace SidecarAgent.Broker.Limits;

/// <summary>
/// How many calls somebody may still make: a bucket that fills steadily and holds a burst. Pure.
/// </summary>
/// <param name="Tokens">What was in it.</param>
/// <param name="At">When that was.</param>
internal readonly record struct TokenBucket(double Tokens, DateTimeOffset At)
{
    /// <summary>What is in it now.</summary>
    public double Level(DateTimeOffset now, int perSecond, int burst) =>
        Math.Min(burst, Tokens + Math.Max(0, (now - At).TotalSeconds) * perSecond);

    /// <summary>
    /// Takes some out, if there is one: what is missing then is owed, so that a call that asks for more at once than a whole
    /// bucket holds is not turned away for ever.
    /// </summary>
    /// <returns>The bucket as it is then, and how long to wait until one is in it; null: there was one.</returns>
    public (TokenBucket Left, TimeSpan? Wait) Take(DateTimeOffset now, int perSecond, int burst, int count = 1)
    {
        var level = Level(now, perSecond, burst);
        return level >= 1
            ? (new TokenBucket(level - count, now), null)
            : (new TokenBucket(level, now), TimeSpan.FromSeconds((1 - level) / perSecond));
    }
}
