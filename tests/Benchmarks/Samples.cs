namespace SidecarAgent.Benchmarks;

/// <summary>Measured values, and the figures that describe them.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public void Add(TimeSpan value) => _values.Add(value.TotalMilliseconds);

    /// <summary>The nearest-rank percentile, in milliseconds.</summary>
    public double Percentile(double percent)
    {
        var sorted = _values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public string Spread() => $"n={Count}, min {Percentile(0):0.0}, max {Percentile(100):0.0}";
}
