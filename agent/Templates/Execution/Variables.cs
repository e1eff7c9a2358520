using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>
/// The variables that are in scope, innermost last. A frame is one template's: it sees no variables of its caller.
/// </summary>
internal sealed class Variables
{
    private readonly List<(string Name, Value Value)> _stack = [];
    private int _frame;

    /// <summary>What <see cref="Restore"/> goes back to.</summary>
    public int Mark => _stack.Count;

    public void Declare(string name, Value value) => _stack.Add((name, value));

    /// <summary>Drops what was declared since the mark was taken.</summary>
    public void Restore(int mark) => _stack.RemoveRange(mark, _stack.Count - mark);

    public Value Get(string name) => _stack[Find(name)].Value;

    public void Set(string name, Value value) => _stack[Find(name)] = (name, value);

    /// <summary>Begins a template; <paramref name="dollar"/> is its $.</summary>
    /// <returns>What <see cref="Leave"/> needs.</returns>
    public (int Frame, int Mark) Enter(Value dollar)
    {
        var caller = (_frame, Mark);
        _frame = Mark;
        Declare("$", dollar);
        return caller;
    }

    public void Leave((int Frame, int Mark) caller)
    {
        _frame = caller.Frame;
        Restore(caller.Mark);
    }

    /// <summary>The parser knows what is declared, but not whether "and" or "or" skipped it.</summary>
    private int Find(string name)
    {
        var index = _stack.FindLastIndex(variable => variable.Name == name);
        return index >= _frame ? index : throw new EvaluationException($"the variable {name} is not defined here");
    }
}
