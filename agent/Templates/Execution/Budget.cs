namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>How much more a rendering may do. Counted in steps, so that the same template always fails at the same place.</summary>
internal sealed class Budget(TimeProvider time)
{
    private const int StepsBetweenLooksAtTheClock = 4096;

    private readonly long _start = time.GetTimestamp();
    private int _steps = TemplateLimits.Steps;
    private int _nextLook = TemplateLimits.Steps - StepsBetweenLooksAtTheClock;
    private int _depth;

    /// <exception cref="EvaluationException">Too many steps, or too much time.</exception>
    public void Spend(int steps = 1)
    {
        _steps -= steps;
        if (_steps < 0)
            throw new EvaluationException($"the template needs more than {TemplateLimits.Steps} steps; does it loop over too much?");
        if (_steps >= _nextLook)
            return;
        _nextLook = _steps - StepsBetweenLooksAtTheClock;
        if (time.GetElapsedTime(_start) > TemplateLimits.Time)
            throw new EvaluationException($"the template runs longer than {TemplateLimits.Time.TotalSeconds} seconds");
    }

    /// <summary>For work in proportion to a string's length.</summary>
    public void SpendBytes(int bytes) => Spend(bytes / 64);

    /// <summary>For work in proportion to a list's length.</summary>
    public void SpendItems(int items) => Spend(items / 8);

    /// <exception cref="EvaluationException">Too deep; without this limit the process would die of it.</exception>
    public void Enter()
    {
        if (++_depth > TemplateLimits.ExecutionDepth)
        {
            throw new EvaluationException(
                $"templates, blocks and parentheses are nested deeper than {TemplateLimits.ExecutionDepth}; does a template call itself?");
        }
    }

    public void Leave() => _depth--;
}
