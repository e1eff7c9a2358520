using SidecarAgent.Agent.Templates.Values;

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
        CheckTime();
    }

    /// <summary>Before each call of a function: some take long for few steps.</summary>
    /// <exception cref="EvaluationException">Too much time.</exception>
    public void CheckTime()
    {
        if (time.GetElapsedTime(_start) > TemplateLimits.Time)
            throw new EvaluationException($"the template runs longer than {TemplateLimits.Time.TotalSeconds} seconds");
    }

    /// <summary>For a value that a function reads or makes: in proportion to its size.</summary>
    public void Spend(Value value) => Spend(value switch
    {
        TextValue text => 1 + (text.Bytes.Length / 64),
        ListValue list => 1 + (list.Items.Count / 8),
        MapValue map => 1 + (map.Count / 8),
        _ => 1,
    });

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
