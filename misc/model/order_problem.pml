/* An order and its problem. Made by `python -m misc.model` from store/orders/transitions.py and
   store/problems/transitions.py; tests/test_model.py compares, and lets Spin walk through all of it. */

#define ALL 4     /* units of money that were paid */
#define ROUNDS 3  /* proposals of one problem: more of them lead nowhere else */
#define OPENED 2  /* problems of one order */

mtype = { O_cancelled, O_delivered, O_paid, O_shipped, O_completed, O_refunded };
mtype = { P_NONE, P_appealed, P_decided, P_ended, P_escalated, P_opened, P_proposed, P_withdrawn };
mtype = { BUYER, SELLER, NOBODY };

mtype order = O_paid, problem = P_NONE, turn = NOBODY;
bool frozen, missing, refund_asked, settle_asked, all_asked;
byte escrow = ALL, to_buyer, to_seller, amount, rest, rounds, opened, decider, settlements, refunds;

/* What an end asks payment for; the order goes with it, in the same step. */
inline end_problem() {
  frozen = false; turn = NOBODY;
  if :: amount > 0 -> refund_asked = true :: else fi;
  if
  :: amount < ALL -> order = O_delivered; rest = ALL - amount; settle_asked = true
  :: else -> order = O_refunded
  fi
}

inline any_amount() { if :: amount = 0 :: amount = 1 :: amount = 2 :: amount = ALL fi }
inline other_turn() { if :: turn == BUYER -> turn = SELLER :: else -> turn = BUYER fi }
inline kept() { assert(escrow + to_buyer + to_seller == ALL && settlements <= 1 && refunds <= 1) }

/* Payment books what was asked for when it gets to it: a settlement waits for the refund that comes before it. */
active proctype payment() {
  do
  :: atomic { refund_asked -> assert(!frozen && escrow >= amount);
       escrow = escrow - amount; to_buyer = to_buyer + amount; refunds++; refund_asked = false; kept() }
  :: atomic { settle_asked && escrow == rest -> assert(!frozen);
       to_seller = to_seller + escrow; escrow = 0; settlements++; settle_asked = false; order = O_completed; kept() }
  :: atomic { all_asked -> assert(!frozen);
       to_buyer = to_buyer + escrow; escrow = 0; refunds++; all_asked = false; order = O_refunded; kept() }
  :: (order == O_completed || order == O_refunded) && !refund_asked && !settle_asked && !all_asked -> break
  od;
  assert(escrow == 0 && !frozen && to_buyer + to_seller == ALL)
}

active proctype store() {
  do
  /* the buyer says that something is wrong */
  :: atomic { order == O_shipped && !frozen && opened < OPENED ->
       if :: missing = true :: missing = false fi;
       frozen = true; opened++; rounds = 0; amount = 0; decider = 0; problem = P_opened; turn = SELLER }
  /* the order, by its table */
  :: atomic { order == O_paid && !frozen -> order = O_shipped; } /* seller */
  :: atomic { order == O_paid && !frozen -> order = O_cancelled; all_asked = true; } /* buyer, deadline, seller */
  :: atomic { order == O_shipped && !frozen -> order = O_delivered; rest = ALL; settle_asked = true; } /* buyer, deadline */
  /* its problem, by its table */
  :: atomic { problem == P_opened && rounds < ROUNDS -> problem = P_proposed; any_amount(); rounds++; turn = SELLER } /* buyer */
  :: atomic { problem == P_opened && rounds < ROUNDS -> problem = P_proposed; any_amount(); rounds++; turn = BUYER } /* seller */
  :: atomic { problem == P_opened -> problem = P_escalated; turn = NOBODY } /* seller */
  :: atomic { problem == P_opened && missing -> problem = P_ended; amount = ALL; end_problem() } /* deadline */
  :: atomic { problem == P_opened && !missing -> problem = P_escalated; turn = NOBODY } /* deadline */
  :: atomic { problem == P_proposed && turn != NOBODY -> problem = P_ended; end_problem() } /* answerer */
  :: atomic { problem == P_proposed && turn != NOBODY && rounds < ROUNDS -> problem = P_proposed; any_amount(); rounds++; other_turn() } /* answerer */
  :: atomic { problem == P_proposed && turn != NOBODY -> problem = P_escalated; turn = NOBODY } /* answerer */
  :: atomic { problem == P_proposed -> problem = P_ended; end_problem() } /* deadline */
  :: atomic { problem == P_escalated -> problem = P_decided; any_amount(); decider = 1 } /* moderator 1 */
  :: atomic { problem == P_escalated -> problem = P_decided; any_amount(); decider = 2 } /* moderator 2 */
  :: atomic { problem == P_escalated -> problem = P_ended; amount = ALL; end_problem() } /* deadline */
  :: atomic { problem == P_decided -> problem = P_appealed; turn = NOBODY } /* buyer, seller */
  :: atomic { problem == P_decided -> problem = P_ended; end_problem() } /* deadline */
  :: atomic { problem == P_appealed && decider != 1 -> problem = P_ended; any_amount(); assert(decider != 1); end_problem() } /* moderator 1 */
  :: atomic { problem == P_appealed && decider != 2 -> problem = P_ended; any_amount(); assert(decider != 2); end_problem() } /* moderator 2 */
  :: atomic { problem == P_appealed -> problem = P_ended; end_problem() } /* deadline */
  :: atomic { problem == P_opened -> problem = P_withdrawn; frozen = false; turn = NOBODY } /* buyer */
  :: atomic { problem == P_proposed -> problem = P_withdrawn; frozen = false; turn = NOBODY } /* buyer */
  :: atomic { problem == P_escalated -> problem = P_withdrawn; frozen = false; turn = NOBODY } /* buyer */
  :: order == O_completed || order == O_refunded -> break
  od
}
