"""PySAL spopt's maximal covering on the points of a file: processor seconds to build and to solve, and the people covered."""

import csv
import json
import sys
import time

import numpy
import pulp
from spopt.locate import MCLP

demand, people, sites = [], [], []
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        point = (float(row["x"]), float(row["y"]))
        if row["kind"] == "demand":
            demand.append(point)
            people.append(int(row["people"]))
        else:
            sites.append(point)
demand, sites, people = numpy.array(demand), numpy.array(sites), numpy.array(people)


def spent():
    times = time.process_time(), __import__("os").times()
    return times[0] + times[1].children_user + times[1].children_system


began = spent()
cost = numpy.hypot(demand[:, None, 0] - sites[None, :, 0], demand[:, None, 1] - sites[None, :, 1])
model = MCLP.from_cost_matrix(cost, people, 800.0, p_facilities=20)
built = spent()
model = model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0), results=False)
solved = spent()
print(json.dumps({"build_s": built - began, "solve_s": solved - built, "people": round(pulp.value(model.problem.objective))}))
