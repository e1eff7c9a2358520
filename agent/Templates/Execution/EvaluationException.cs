namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>
/// A template cannot go on. Says what is wrong, without the place, which the evaluator knows and adds; never a value.
/// </summary>
internal sealed class EvaluationException(string problem) : Exception(problem);
